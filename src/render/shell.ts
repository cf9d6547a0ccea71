import { createElement } from 'react';
import { Digest } from '../../emails/digest.tsx';
import { clean } from './clean.ts';
import { digestText } from './digest-text.ts';
import { renderDocument } from './document.ts';
import { freezeHtml, freezeText } from './freeze.ts';
import { hole, Hole, holeBase, holeMark } from './holes.ts';

/** What is the same for every mail of an installation. */
export interface ShellProps {
  from: string;
  replyTo: string | undefined;
  /** PUBLIC_URL without a trailing slash. */
  baseUrl: string;
  postalAddress: string;
  /** `Broadsheet <broadsheet.example.org>`, or only what stands in the brackets (RFC 2919). */
  listId: string;
}

/** Goes up whenever the same fragments would give other bytes; frozen batches keep the number they were made with. */
export const assemblerVersion = 1;

/**
 * What surrounds the cards: the whole JSON object of one mail as POST /emails takes it, with holes. Sender, headers and foot are
 * in it, so that a batch frozen with it gives the same bytes after the configuration has changed.
 */
export function renderShell(props: ShellProps): Buffer {
  const links = readerLinks(props.baseUrl);
  const shared = {
    dayline: hole(Hole.dayline),
    slotLine: hole(Hole.slot),
    topics: hole(Hole.topics),
    links,
    postalAddress: clean(props.postalAddress),
  };
  const html = renderDocument(
    createElement(Digest, { ...shared, subject: hole(Hole.subject), children: hole(Hole.cards) }),
  );
  const text = digestText({ ...shared, cards: hole(Hole.cards) });
  return Buffer.concat([
    ...envelope(props, links.unsubscribe),
    mark(Hole.htmlBegins),
    member('html', freezeHtml(html)),
    mark(Hole.htmlEnds),
    member('text', freezeText(text)),
    close,
  ]);
}

/** The reader's own links, their tokens left open. */
export function readerLinks(baseUrl: string): { preferences: string; browser: string; unsubscribe: string } {
  if (!/^https?:\/\/[^\s"'<>\\,]+[^/\s"'<>\\,]$/.test(baseUrl)) {
    throw new Error(
      `PUBLIC_URL must be a web address without a trailing slash, not ${JSON.stringify(baseUrl)}.`,
    );
  }
  return {
    preferences: `${baseUrl}/preferences/${hole(Hole.preferencesToken)}`,
    browser: `${baseUrl}/digest/${hole(Hole.digestToken)}`,
    unsubscribe: `${baseUrl}/unsubscribe/${hole(Hole.unsubscribeToken)}`,
  };
}

/** `Broadsheet <broadsheet.example.org>` from either form of a list's id. */
export function listIdHeader(listId: string): string {
  const cleaned = clean(listId);
  return /<[^<>]+>$/.test(cleaned) ? cleaned : `Broadsheet <${cleaned.replace(/[<>\s]/g, '')}>`;
}

/** Sender, address, subject, headers and tags, in the order in which they are sent. */
function envelope(props: ShellProps, unsubscribe: string): Buffer[] {
  const headers = [
    ['List-Unsubscribe', `<${unsubscribe}>`],
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
    ['List-Id', listIdHeader(props.listId)],
    ['Auto-Submitted', 'auto-generated'],
    ['Precedence', 'bulk'],
  ].map(([name, value]) => pair(name!, freezeText(value!)));
  const tag = [pair('name', freezeText('digest')), pair('value', freezeText(hole(Hole.digestTag)))];
  return [
    Buffer.concat([Buffer.from('{'), pair('from', freezeText(clean(props.from)))]),
    member('to', freezeText(hole(Hole.address))),
    member('subject', freezeText(hole(Hole.subject))),
    ...(props.replyTo ? [member('reply_to', freezeText(clean(props.replyTo)))] : []),
    Buffer.concat([Buffer.from(',"headers":{'), listOf(headers), Buffer.from('}')]),
    Buffer.concat([Buffer.from(',"tags":[{'), listOf(tag), Buffer.from('}]')]),
  ];
}

const close = Buffer.from('}');

/** A place in the shell that nothing fills. */
function mark(n: number): Buffer {
  return Buffer.from([holeMark, holeBase + n]);
}

function member(name: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from(','), pair(name, value)]);
}

/** `"name":"value"`, the value ready escaped. */
function pair(name: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`"${name}":"`), value, Buffer.from('"')]);
}

function listOf(members: readonly Buffer[]): Buffer {
  return Buffer.concat(members.flatMap((one, index) => (index === 0 ? [one] : [Buffer.from(','), one])));
}
