import { curatedTopics } from '../domain/topic.ts';
import { clean, cutAtWord } from './clean.ts';
import { asciiHtml, freezeHtml, freezeText } from './freeze.ts';
import { listed, slotLineOf } from './lines.ts';
import { mjmlTemplate } from './mjml-template.ts';
import { wrap } from './wrap.ts';

/** What a notice may say; each kind uses a part of it. Addresses carry the reader's tokens. */
export interface NoticeProps {
  confirmUrl?: string | undefined;
  preferencesUrl?: string | undefined;
  unsubscribeUrl?: string | undefined;
  /** Names, slugs or phrases, as the reader chose them. */
  topics?: readonly string[] | undefined;
  slot?: { timeZone: string; sendHour: number; weekdays: number } | undefined;
  /** When the first digest comes, as a reader would say it: "on Saturday, 13 December at 07:00 in Paris". */
  firstDigest?: string | undefined;
  postalAddress?: string | undefined;
}

export interface RenderedNotice {
  subject: string;
  /** ASCII. */
  html: string;
  text: string;
}

export interface NoticeEnvelope extends RenderedNotice {
  from: string;
  to: string;
  replyTo?: string | undefined;
  /** Gives the mail its List-Unsubscribe headers (RFC 8058). */
  unsubscribeUrl?: string | undefined;
  /** What webhooks bring back, out of A-Z a-z 0-9 _ -. */
  tag: string;
}

/** Subject, HTML (from emails/*.mjml) and text of a notice. Throws a sentence when the template or an address is not right. */
export async function renderNotice(
  kind: 'confirm' | 'welcome' | 'link' | 'announcement',
  props: NoticeProps,
): Promise<RenderedNotice> {
  if (kind === 'announcement') throw new Error('An announcement has no template of its own: it is a file.');
  const values = valuesOf(props);
  const template = await mjmlTemplate(kind);
  const { subject, lines } = notices[kind];
  return { subject, html: asciiHtml(template(values)), text: textOf(lines(values), values) };
}

/** The JSON object of one notice as POST /emails takes it, in ASCII bytes: the same notice always gives the same. */
export function noticeBody(notice: NoticeEnvelope): Buffer {
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(notice.tag))
    throw new Error('The tag of a notice has characters it may not have.');
  const headers: Record<string, string> = { 'Auto-Submitted': 'auto-generated' };
  if (notice.unsubscribeUrl) {
    headers['List-Unsubscribe'] = `<${webAddress(notice.unsubscribeUrl)}>`;
    headers['List-Unsubscribe-Post'] = 'List-Unsubscribe=One-Click';
  }
  const members: [string, Buffer][] = [
    ['from', quoted(clean(notice.from))],
    ['to', quoted(clean(notice.to))],
    ['subject', quoted(clean(notice.subject))],
    ...(notice.replyTo ? [['reply_to', quoted(clean(notice.replyTo))] as [string, Buffer]] : []),
    ['headers', Buffer.from(JSON.stringify(headers))],
    ['tags', Buffer.from(JSON.stringify([{ name: 'notice', value: notice.tag }]))],
    ['html', quoted(notice.html, freezeHtml)],
    ['text', quoted(notice.text)],
  ];
  return Buffer.concat([
    Buffer.from('{'),
    ...members.flatMap(([name, value], index) => [Buffer.from(`${index > 0 ? ',' : ''}"${name}":`), value]),
    Buffer.from('}'),
  ]);
}

type Values = Record<keyof Omit<NoticeProps, 'slot'> | 'slotLine', string>;

/** Subjects, and the text part line by line: a paragraph is wrapped, an address has its own line. */
const notices: Record<
  'confirm' | 'welcome' | 'link',
  { subject: string; lines: (values: Values) => string[] }
> = {
  confirm: {
    subject: 'Confirm your Broadsheet subscription',
    lines: (values) => [
      `You asked for the research papers on ${values.topics}, ${values.slotLine}. Confirm that it was you:`,
      values.confirmUrl,
      'It was not you? Then do nothing: without the click no other mail comes.',
    ],
  },
  welcome: {
    subject: 'Welcome to Broadsheet',
    lines: (values) => [
      `From now on the research papers on ${values.topics} come to you. The first digest comes ${values.firstDigest}; a day without new papers for you is a day without mail.`,
      `Change topics and time:\n${values.preferencesUrl}`,
      `Unsubscribe:\n${values.unsubscribeUrl}`,
      'We count nothing you read.',
    ],
  },
  link: {
    subject: 'Your Broadsheet link',
    lines: (values) => [
      'You asked for a fresh link to your topics. Here it is; links in older mails may have stopped working.',
      `Change topics and time:\n${values.preferencesUrl}`,
      `Unsubscribe:\n${values.unsubscribeUrl}`,
      'It was not you? Then do nothing: nothing has changed.',
    ],
  },
};

/** Only plain characters reach a notice, and only web addresses become links. */
function valuesOf(props: NoticeProps): Values {
  const slotLine = props.slot ? slotLineOf(props.slot) : 'every day';
  return {
    confirmUrl: webAddress(props.confirmUrl),
    preferencesUrl: webAddress(props.preferencesUrl),
    unsubscribeUrl: webAddress(props.unsubscribeUrl),
    topics: topicsPhrase(props.topics ?? []),
    slotLine,
    firstDigest: clean(props.firstDigest ?? '') || slotLine,
    postalAddress: clean(props.postalAddress ?? ''),
  };
}

/** The address as it is, '' when there is none. Throws on anything that is no web address. */
function webAddress(address: string | undefined): string {
  if (!address) return '';
  if (!/^https?:\/\/[!#-;=?-[\]_a-z~]+$/.test(address))
    throw new Error('A notice was given a link that is no web address.');
  return address;
}

/**
 * "Video generation, Robotics and 2 more". Anybody can type topics into the form and have them mailed to somebody else, so
 * what a mail program would turn into a link is counted and not shown.
 */
function topicsPhrase(topics: readonly string[]): string {
  const shown = topics
    .map((topic) => cutAtWord(clean(nameOf(topic)), topicCharactersMax))
    .filter((name) => name !== '' && !/[.@:/\\]\S/.test(name))
    .slice(0, topicsShownMax);
  const more = topics.length - shown.length;
  if (topics.length === 0) return 'whatever is trending';
  if (shown.length === 0) return more === 1 ? 'your topic' : `your ${more} topics`;
  return listed(more > 0 ? [...shown, `${more} more`] : shown);
}

/** Before a reader confirms, their topics are kept as they typed or chose them: a curated one may be a slug. */
function nameOf(topic: string): string {
  return curatedTopics.find(({ slug }) => slug === topic)?.name ?? topic;
}

const topicsShownMax = 4;
const topicCharactersMax = 40;

function textOf(lines: readonly string[], values: Values): string {
  const paragraphs = lines.map((line) =>
    line
      .split('\n')
      .map((part) => wrap(part))
      .join('\n'),
  );
  return ['BROADSHEET', ...paragraphs, values.postalAddress && `--\n${wrap(values.postalAddress)}`]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

function quoted(text: string, freeze: (text: string) => Buffer = freezeText): Buffer {
  return Buffer.concat([Buffer.from('"'), freeze(text), Buffer.from('"')]);
}
