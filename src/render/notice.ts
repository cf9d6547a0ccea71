import { curatedTopics } from '../domain/topic.ts';
import { spokenTopic } from '../domain/topic-notation.ts';
import { clean, cutAtWord } from './clean.ts';
import { asciiHtml, freezeHtml, freezeText } from './freeze.ts';
import type { Parts } from '../words/english.ts';
import { words } from '../words/words.ts';
import { slotLineOf } from './lines.ts';
import { type Bold, mjmlTemplate, type MjmlValues } from './mjml-template.ts';
import { wrap } from './wrap.ts';

/** What a notice may say; each kind uses a part of it. Addresses carry the reader's tokens. */
export interface NoticeProps {
  confirmUrl?: string | undefined;
  preferencesUrl?: string | undefined;
  unsubscribeUrl?: string | undefined;
  /** Where an address is changed, and what is held is fetched or erased. */
  accountUrl?: string | undefined;
  /** Where a new address is confirmed. */
  moveUrl?: string | undefined;
  /** Names, slugs or phrases, as the reader chose them. */
  topics?: readonly string[] | undefined;
  slot?: { timeZone: string; sendHour: number; weekdays: number } | undefined;
  /** When the first digest comes, as a reader would say it: "on Saturday, 13 December at 07:00 in Paris". */
  firstDigest?: string | undefined;
  postalAddress?: string | undefined;
}

export interface RenderedNotice {
  subject: string;
  /** ASCII; empty in a mail of text alone. */
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

/** What a notice is drawn as: its kind, or what a link or a confirmation is for. */
export type NoticeForm = 'confirm' | 'welcome' | 'link' | 'account' | 'move';

/** Subject, HTML (from emails/*.mjml) and text of a notice. Throws a sentence when the template or an address is not right. */
export async function renderNotice(form: NoticeForm, props: NoticeProps): Promise<RenderedNotice> {
  const values = noticeValues(props);
  const { shown, lines } = notices[form](values);
  const { postalAddress, unsubscribeUrl } = values;
  const { language, name } = words;
  const { subject } = words.notices[form];
  const shared = {
    language,
    name,
    subject,
    postalAddress,
    unsubscribeUrl,
    unsubscribe: words.notices.unsubscribe,
  };
  const template = await mjmlTemplate(form === 'confirm' || form === 'welcome' ? form : 'link');
  return { subject, html: asciiHtml(template({ ...shared, ...shown })), text: textOf(lines, values) };
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
    ...(notice.html === '' ? [] : [['html', quoted(notice.html, freezeHtml)] as [string, Buffer]]),
    ['text', quoted(notice.text)],
  ];
  return Buffer.concat([
    Buffer.from('{'),
    ...members.flatMap(([name, value], index) => [Buffer.from(`${index > 0 ? ',' : ''}"${name}":`), value]),
    Buffer.from('}'),
  ]);
}

type Values = Record<keyof Omit<NoticeProps, 'slot'> | 'slotLine', string>;

/** A notice's words as its template takes them, and its text line by line: a paragraph is wrapped, an address has its own line. */
interface Said {
  shown: MjmlValues;
  lines: string[];
}

const notices: Record<NoticeForm, (values: Values) => Said> = {
  confirm({ topics, slotLine, confirmUrl }) {
    const said = words.notices.confirm;
    const { title, button, doubt } = said;
    const asked = said.asked({ bold: topics }, slotLine);
    return {
      shown: {
        title,
        button,
        doubt,
        preview: said.preview(topics, slotLine),
        asked: [...asked, '.'],
        confirmUrl,
      },
      lines: [`${plain(asked)}:`, confirmUrl, doubt],
    };
  },
  welcome({ topics, firstDigest, preferencesUrl, unsubscribeUrl }) {
    const said = words.notices.welcome;
    const { title, button, nothingCounted } = said;
    const fromNowOn = said.fromNowOn({ bold: topics }, firstDigest);
    return {
      shown: {
        title,
        button,
        nothingCounted,
        preferencesUrl,
        preview: said.preview(firstDigest),
        fromNowOn: [...fromNowOn, '.'],
        underEach: said.underEach((bold) => ({ bold })),
      },
      lines: [
        `${plain(fromNowOn)}; ${said.quietDays}`,
        `${button}:\n${preferencesUrl}`,
        `${words.notices.unsubscribe}:\n${unsubscribeUrl}`,
        nothingCounted,
      ],
    };
  },
  link: (values) => oneLink('link', values, values.preferencesUrl),
  account: (values) => oneLink('account', values, values.accountUrl),
  move: (values) => oneLink('move', values, values.moveUrl),
};

/** A mail that is one link. */
function oneLink(form: 'link' | 'account' | 'move', { unsubscribeUrl }: Values, buttonUrl: string): Said {
  const { title, sentence, button, doubt } = words.notices[form];
  return {
    shown: { title, sentence, button, doubt, buttonUrl },
    lines: [sentence, `${button}:\n${buttonUrl}`, `${words.notices.unsubscribe}:\n${unsubscribeUrl}`, doubt],
  };
}

function plain(parts: Parts<Bold>): string {
  return parts.map((part) => (typeof part === 'string' ? part : part.bold)).join('');
}

/** Only plain characters reach a notice, and only web addresses become links. */
export function noticeValues(props: NoticeProps): Values {
  const slotLine = props.slot ? slotLineOf(props.slot) : words.slots.everyDay;
  return {
    confirmUrl: webAddress(props.confirmUrl),
    preferencesUrl: webAddress(props.preferencesUrl),
    unsubscribeUrl: webAddress(props.unsubscribeUrl),
    accountUrl: webAddress(props.accountUrl),
    moveUrl: webAddress(props.moveUrl),
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
 * "on Video generation, Robotics, by Yann LeCun and 2 more". Anybody can type topics into the form and have them mailed to
 * somebody else, so what a mail program would turn into a link is counted and not shown.
 */
function topicsPhrase(topics: readonly string[]): string {
  const named = topics
    .map(nameOf)
    .toSorted((a, b) => Number(isNoted(a)) - Number(isNoted(b)))
    .map((topic) => cutAtWord(clean(spokenTopic(topic)), topicCharactersMax))
    .filter((name) => name !== '' && !/[.@:/\\]\S/.test(name));
  const shown = named.slice(0, topicsShownMax);
  const more = topics.length - shown.length;
  const said = words.notices.topics;
  if (topics.length === 0) return said.none;
  return shown.length === 0 ? said.hidden(more) : said.listed(shown, more, topics.map(nameOf).every(isNoted));
}

/** Before a reader confirms, their topics are kept as they typed or chose them: a curated one may be a slug. */
function nameOf(topic: string): string {
  return curatedTopics.find(({ slug }) => slug === topic)?.name ?? topic;
}

/** Whether a topic brings its own little word: "by Yann LeCun". */
const isNoted = (topic: string): boolean => spokenTopic(topic) !== topic;

const topicsShownMax = 4;
const topicCharactersMax = 40;

function textOf(lines: readonly string[], values: Values): string {
  const paragraphs = lines.map((line) =>
    line
      .split('\n')
      .map((part) => wrap(part))
      .join('\n'),
  );
  return [
    words.name.toUpperCase(),
    ...paragraphs,
    values.postalAddress && `--\n${wrap(values.postalAddress)}`,
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

function quoted(text: string, freeze: (text: string) => Buffer = freezeText): Buffer {
  return Buffer.concat([Buffer.from('"'), freeze(text), Buffer.from('"')]);
}
