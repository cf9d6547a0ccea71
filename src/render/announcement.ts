import { decode } from 'html-entities';
import { toPlainText } from 'react-email';
import {
  type Brings,
  checkPlaceholders,
  type Fault,
  fillPlaceholders,
  findPlaceholders,
  lineAt,
} from '../domain/placeholders.ts';
import { clean, lengthOf } from './clean.ts';
import { asciiHtml, escapeHtml } from './freeze.ts';
import { mjmlToHtml } from './mjml-template.ts';
import type { RenderedNotice } from './notice.ts';
import { wrap } from './wrap.ts';

/** An announcement made ready once, its placeholders in place; each reader's mail only fills them. */
export interface AnnouncementTemplate {
  subject: string;
  html: string;
  text: string;
}

export type CheckedAnnouncement =
  | { template: AnnouncementTemplate; faults: [] }
  /** `template` is what it would look like so far, where that can be said. */
  | { template: AnnouncementTemplate | undefined; faults: Fault[] };

/** What an announcement may say of each reader. */
export const announcementPlaceholders = {
  unsubscribeUrl: 'link',
  preferencesUrl: 'link',
  postalAddress: 'words',
  topics: 'words',
  slotLine: 'words',
} as const satisfies Record<string, Brings>;

export type AnnouncementValues = Record<keyof typeof announcementPlaceholders, string>;

/** Larger sources do not fit into a form; a mail's markup is far smaller. */
export const announcementBytesMax = 48 * 1024;
/** Gmail cuts a mail off at 102 KB, and with it the link to leave. */
const htmlBytesMax = 90 * 1024;
const subjectCharactersMax = 150;

/** Without these no announcement leaves: the law asks for both (CAN-SPAM 16 CFR 316; ePrivacy 13.4). */
const required: Partial<Record<keyof AnnouncementValues, string>> = {
  unsubscribeUrl: '<a href="{{unsubscribeUrl}}">Unsubscribe</a>',
  postalAddress: '{{postalAddress}}',
};

/** Reads an announcement's MJML: subject from mj-title, markup, and a text part made of it; or what is wrong, by line. */
export async function readAnnouncement(source: string): Promise<CheckedAnnouncement> {
  if (Buffer.byteLength(source) > announcementBytesMax) {
    const words = `It is larger than ${announcementBytesMax / 1024} KB, which no announcement needs to be.`;
    return { template: undefined, faults: [{ line: undefined, words }] };
  }
  const { html, faults } = await mjmlToHtml(source);
  const title = readTitle(source);
  const own = [
    ...checkPlaceholders(source, announcementPlaceholders),
    ...checkScripts(source),
    ...title.faults,
    ...faults,
  ];
  if (html === '') return { template: undefined, faults: inOrder(own) };
  const template = { subject: title.subject, html, text: textOf(html) };
  const all = inOrder([...own, ...findMissing(source, template.text), ...checkSize(html)]);
  return all.length === 0 ? { template, faults: [] } : { template, faults: all };
}

/** One reader's mail. Values are cleaned by whoever gives them; here they are escaped. */
export function fillAnnouncement(
  { subject, html, text }: AnnouncementTemplate,
  values: AnnouncementValues,
): RenderedNotice {
  const valueOf = (name: string) =>
    // Only a draft still has unknown ones: they stand there as they are, to be seen.
    Object.hasOwn(values, name) ? values[name as keyof AnnouncementValues] : `{{${name}}}`;
  return {
    subject,
    html: asciiHtml(fillPlaceholders(html, (name) => escapeHtml(valueOf(name)))),
    text: fillPlaceholders(text, valueOf),
  };
}

/** The subject is what the source calls itself. It is the same for everybody. */
function readTitle(source: string): { subject: string; faults: Fault[] } {
  const found = /<mj-title[^>]*>([\s\S]*?)<\/mj-title>/i.exec(source);
  const written = found?.[1] ?? '';
  const subject = clean(decode(written));
  const line = found ? lineAt(source, found.index) : undefined;
  const fault = (words: string) => ({ subject, faults: [{ line, words }] });
  if (subject === '')
    return fault('It has no subject. Write it between <mj-title> and </mj-title>, in <mj-head>.');
  if (lengthOf(subject) > subjectCharactersMax) {
    return fault(`The subject, its mj-title, has more than ${subjectCharactersMax} characters.`);
  }
  if (findPlaceholders(written).length > 0)
    return fault('The subject, its mj-title, can have no placeholders.');
  return { subject, faults: [] };
}

function checkScripts(source: string): Fault[] {
  return [...source.matchAll(/<script\b/gi)].map(({ index }) => ({
    line: lineAt(source, index),
    words: 'It has a script, which every mail program throws away.',
  }));
}

/** A required placeholder in a comment or a style is not there: only what the text part shows can be read. */
function findMissing(source: string, text: string): Fault[] {
  const shown = new Set(findPlaceholders(text).map(({ name }) => name));
  const end = source.lastIndexOf('</mj-body>');
  const line = end < 0 ? undefined : lineAt(source, end);
  return Object.entries(required)
    .filter(([name]) => !shown.has(name))
    .map(([name, example]) => ({
      line,
      words: `{{${name}}} is missing where readers see it. Before the end of the body put ${example} into an mj-text.`,
    }));
}

function checkSize(html: string): Fault[] {
  const bytes = Buffer.byteLength(asciiHtml(html));
  if (bytes <= htmlBytesMax) return [];
  const words = `It comes to ${Math.ceil(bytes / 1024)} KB of HTML. Gmail hides what is beyond 102 KB, so ${htmlBytesMax / 1024} KB is the most.`;
  return [{ line: undefined, words }];
}

/** The text part: what the markup says, hidden parts left out, in lines of a mail's width. */
function textOf(html: string): string {
  const shown = html.replace(/<div style="display:none;[^>]*>[\s\S]*?<\/div>/g, '');
  return toPlainText(shown)
    .split('\n')
    .map((line) => wrap(line))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
    .concat('\n');
}

function inOrder(faults: Fault[]): Fault[] {
  return faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
