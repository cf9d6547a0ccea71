import { readFile } from 'node:fs/promises';
import { type Fault, fillPlaceholders, lineAt } from '../domain/placeholders.ts';
import type { Parts } from '../words/english.ts';
import { escapeHtml } from './freeze.ts';

/**
 * A static mail in MJML, which an operator may restyle without TypeScript. It is compiled once a process with its
 * placeholders in place; each mail then only puts escaped values where they stand, so no value is ever
 * read as MJML. Includes stay off: what a mail says is in one file (RULES 25).
 */
export type MjmlTemplate = (values: MjmlValues) => string;

/** What stands in the places of a template: text, or text of which parts are bold. */
export type MjmlValues = Readonly<Record<string, string | Parts<Bold>>>;

export interface Bold {
  bold: string;
}

/** The template `name` of the folder emails/. Throws a sentence when the file is missing or not right. */
export function mjmlTemplate(name: string): Promise<MjmlTemplate> {
  let compiled = compiledTemplates.get(name);
  if (!compiled) {
    compiled = readTemplate(name).then((source) => compileMjml(`emails/${name}.mjml`, source));
    compiledTemplates.set(name, compiled);
  }
  return compiled;
}

/** The MJML of a template of the folder emails/, as it is written. */
export function readTemplate(name: string): Promise<string> {
  return readFile(new URL(`../../emails/${name}.mjml`, import.meta.url), 'utf8');
}

/** Compiles MJML from `file` (named in messages only). A placeholder is `{{name}}`, in text or in a quoted attribute. */
export async function compileMjml(file: string, source: string): Promise<MjmlTemplate> {
  const { html, faults } = await mjmlToHtml(source);
  if (faults.length > 0) throw new Error(`${file} is not valid MJML: ${faults.map(inWords).join(' ')}`);
  return (values) => fillPlaceholders(html, (name) => markupOf(valueOf(file, values, name)));
}

/**
 * The HTML that MJML comes to, its placeholders in place, and what is wrong with it, by line. No font comes from
 * somebody else's server unless the source asks for it: that would tell who opened the mail.
 */
export async function mjmlToHtml(source: string): Promise<{ html: string; faults: Fault[] }> {
  const include = /<mj-include\b/i.exec(source);
  if (include) {
    const words = 'It uses mj-include, which is off: put what it includes into the file itself.';
    return { html: '', faults: [{ line: lineAt(source, include.index), words }] };
  }
  // Half of what a process reads at its start would be MJML, and few processes send such a mail.
  const { default: mjml2html } = await import('mjml');
  try {
    const { html } = await mjml2html(source, { validationLevel: 'strict', ignoreIncludes: true, fonts: {} });
    // MJML indents deeply; without the indentation a mail is a third smaller.
    return { html: html.replace(/\n\s+/g, '\n').trim(), faults: [] };
  } catch (error) {
    return { html: '', faults: faultsOf(error) };
  }
}

/** "Line 5: mj-foo doesn't exist." */
export function inWords({ line, words }: Fault): string {
  return line === undefined ? words : `Line ${line}: ${words}`;
}

// The cache holds promises, so that two mails at once compile a template once.
const compiledTemplates = new Map<string, Promise<MjmlTemplate>>();

/** MJML names the line of what it finds; what it cannot read at all, it only says. */
function faultsOf(error: unknown): Fault[] {
  const errors = (error as { errors?: { line?: number; tagName?: string; message: string }[] }).errors ?? [];
  if (errors.length === 0) {
    return [{ line: undefined, words: `This is no MJML: ${(error as Error).message.trim()}` }];
  }
  return errors.map(({ line, tagName, message }) => ({
    line,
    words: `${message.replace(/\.$/, '')}${tagName ? ` (${tagName})` : ''}.`,
  }));
}

function markupOf(value: string | Parts<Bold>): string {
  if (typeof value === 'string') return escapeHtml(value);
  return value
    .map((part) => (typeof part === 'string' ? escapeHtml(part) : `<b>${escapeHtml(part.bold)}</b>`))
    .join('');
}

function valueOf(file: string, values: MjmlValues, name: string): string | Parts<Bold> {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) {
    throw new Error(`${file} uses {{${name}}}; this mail has only ${Object.keys(values).sort().join(', ')}.`);
  }
  return value;
}
