import { readFile } from 'node:fs/promises';
import mjml2html from 'mjml';
import { escapeHtml } from './freeze.ts';

/**
 * A static mail in MJML, which an operator may restyle without TypeScript. It is compiled once a process with its
 * placeholders in place; each mail then only puts escaped values where they stand, so no value is ever
 * read as MJML. Includes stay off: what a mail says is in one file (RULES 25).
 */
export type MjmlTemplate = (values: Readonly<Record<string, string>>) => string;

/** The template `name` of the folder emails/. Throws a sentence when the file is missing or not right. */
export function mjmlTemplate(name: string): Promise<MjmlTemplate> {
  let compiled = compiledTemplates.get(name);
  if (!compiled) {
    compiled = readFile(new URL(`../../emails/${name}.mjml`, import.meta.url), 'utf8').then((source) =>
      compileMjml(`emails/${name}.mjml`, source),
    );
    compiledTemplates.set(name, compiled);
  }
  return compiled;
}

/** Compiles MJML from `file` (named in messages only). A placeholder is `{{name}}`, in text or in a quoted attribute. */
export async function compileMjml(file: string, source: string): Promise<MjmlTemplate> {
  if (/<mj-include\b/i.test(source)) {
    throw new Error(`${file} uses mj-include, which is off: put what it includes into the file itself.`);
  }
  const html = await toHtml(file, source);
  const pieces = html.split(/\{\{\s*([A-Za-z]+)\s*\}\}/);
  return (values) =>
    pieces
      .map((piece, index) => (index % 2 === 0 ? piece : escapeHtml(valueOf(file, values, piece))))
      .join('');
}

// The cache holds promises, so that two mails at once compile a template once.
const compiledTemplates = new Map<string, Promise<MjmlTemplate>>();

async function toHtml(file: string, source: string): Promise<string> {
  try {
    const { html } = await mjml2html(source, { validationLevel: 'strict', ignoreIncludes: true });
    // MJML indents deeply; without the indentation a mail is a third smaller.
    return html.replace(/\n\s+/g, '\n').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} is not valid MJML: ${reason}`, { cause: error });
  }
}

function valueOf(file: string, values: Readonly<Record<string, string>>, name: string): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) {
    throw new Error(`${file} uses {{${name}}}; this mail has only ${Object.keys(values).sort().join(', ')}.`);
  }
  return value;
}
