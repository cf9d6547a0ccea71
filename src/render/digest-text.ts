import type { PaperCardProps } from '../../emails/paper-card.tsx';
import type { FootTopic } from '../../emails/digest.tsx';
import { words } from '../words/words.ts';
import { wrap } from './wrap.ts';

const said = words.digest;

/** The text part of a digest, made from the same data as the HTML and in the same order. */
export interface DigestText {
  dayline: string;
  slotLine: string;
  topics: string | readonly FootTopic[];
  links: { preferences: string; browser: string; unsubscribe: string };
  postalAddress: string;
  /** The cards' texts one after the other, or the hole that takes them. */
  cards: string;
}

/** The whole text, or the shell of it when the values are holes. */
export function digestText(digest: DigestText): string {
  return [
    words.name.toUpperCase(),
    `${digest.dayline}\n${'='.repeat(ruleColumns)}\n`,
    `${digest.cards}${said.youGetThis(digest.slotLine)}${textTopics(digest.topics)}${said.textEnd}`,
    '',
    `${said.changeTopics}: ${digest.links.preferences}`,
    `${said.viewInBrowser}: ${digest.links.browser}`,
    `${said.unsubscribe}: ${digest.links.unsubscribe}`,
    '',
    `${digest.postalAddress}\n`,
  ].join('\n');
}

/** A rule that a phone shows in one line. */
const ruleColumns = 40;

/** The rule below a card. */
export const cardRule = `${'-'.repeat(ruleColumns)}\n\n`;

/** One card's text, with a rule below it. */
export function cardText(card: PaperCardProps): string {
  const links = card.links.map(({ label, href }) => `${label}: ${href}\n`).join('');
  const taste = card.tasteHref ? `${words.paper.moreOrLess}: ${card.tasteHref}\n` : '';
  return [
    `${card.why}\n`,
    `${wrap(card.title)}\n`,
    card.meta && `${wrap(card.meta)}\n`,
    card.note && `\n${wrap(`${words.paper.editorNote} ${card.note}`)}\n`,
    card.sentences && `\n${wrap(card.sentences)}\n`,
    (links || taste) && `\n${links}${taste}`,
    `\n${cardRule}`,
  ].join('');
}

function textTopics(topics: DigestText['topics']): string {
  if (typeof topics === 'string') return topics;
  const { before, between, last, after, none } = said.because.text;
  if (topics.length === 0) return none;
  const names = topics.map((topic) => ('more' in topic ? said.moreTopics(topic.more) : topic.name));
  const strung = names.map(
    (name, index) => (index === 0 ? '' : index === names.length - 1 ? last : between) + name,
  );
  return before + strung.join('') + after;
}
