import type { LackingList } from '../domain/source-name.ts';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { EmptyDay } from '../../emails/empty-day.tsx';
import { words } from '../words/words.ts';
import { type CardOptions, type CardPaper, drawCard, whyBytesMax } from './card.ts';
import { cardRule, cardText } from './digest-text.ts';
import { escapeHtml, type FragmentBytes, freezeHtml, freezeText } from './freeze.ts';
import { daylineOf, type Reason, slotLineOf, topicName, whyLine, whyRest } from './lines.ts';
import { subjectLine } from './subject.ts';
import { wrap } from './wrap.ts';

export type { CardOptions, CardPaper } from './card.ts';
export type { FragmentBytes } from './freeze.ts';
export type { Reason } from './lines.ts';

/** How many topics the foot names before it says "and 3 more". */
export const topicsNamedMax = 4;

/** The card of a paper, with a hole for why it is here and one for the reader's taste token. */
export async function renderCard(paper: CardPaper, options: CardOptions): Promise<FragmentBytes> {
  const { card, markup } = drawCard(paper, options);
  return { html: freezeHtml(markup), text: freezeText(cardText(card)) };
}

/** Why the paper is here: "Video generation · in the title", "Robotics · Flow matching". */
export function renderWhy(reasons: readonly Reason[], isFeatured = false): FragmentBytes {
  const line = whyLine(reasons, whyBytesMax, isFeatured);
  return plain(line, wrap(line));
}

/** What a second topic adds to the line of the first alone: " · Flow matching". */
export function renderWhyRest(topic: string, isInTitle: boolean): FragmentBytes {
  const rest = whyRest(topic, isInTitle);
  return plain(rest, rest);
}

/** The subject from the lead paper's title and how many papers follow it. The HTML twin is for <title>. */
export function renderSubject(title: string, more: number): FragmentBytes {
  const line = subjectLine(title, more);
  return plain(line, line);
}

/** The subject of a note on a day without papers. */
export function renderEmptySubject(): FragmentBytes {
  return plain(empty.subject, empty.subject);
}

/** What stands in place of the papers on such a day: a card without holes. */
export function renderEmptyDay(): FragmentBytes {
  const { sentences } = empty;
  const text = `${sentences.map((sentence) => `${wrap(sentence)}\n\n`).join('')}${cardRule}`;
  return {
    html: freezeHtml(renderToStaticMarkup(createElement(EmptyDay, { sentences }))),
    text: freezeText(text),
  };
}

const { empty } = words.digest;

/** The line under the name: "Friday, 12 December · 5 papers for you, chosen from 87". */
export function renderDayline(day: {
  localDate: string;
  papers: number;
  chosenFrom: number;
  partial: boolean;
  lacking?: readonly LackingList[];
}): FragmentBytes {
  const line = daylineOf(day);
  return plain(line, wrap(line));
}

/** The subject of a welcome that brings the first digest. */
export function renderWelcomeSubject(title: string, more: number): FragmentBytes {
  const line = subjectLine(title, more, words.digest.welcomeSubject);
  return plain(line, line);
}

/** "Welcome · Friday, 12 December · 5 papers for you, chosen from 87". */
export function renderWelcomeDayline(day: Parameters<typeof daylineOf>[0]): FragmentBytes {
  const line = words.digest.welcomeDay(daylineOf(day));
  return plain(line, wrap(line));
}

/** When the mail comes: "at 07:00 in Paris". `weekdays` is a bit set, bit 0 is Monday. */
export function renderSlotLine(slot: {
  timeZone: string;
  sendHour: number;
  weekdays: number;
}): FragmentBytes {
  const line = slotLineOf(slot);
  return plain(line, line);
}

/** A topic as the foot names it. */
export function renderTopicName(name: string): FragmentBytes {
  const shown = topicName(name);
  return { html: freezeHtml(`<b>${escapeHtml(shown)}</b>`), text: freezeText(shown) };
}

/** "3 more", for the topics that the foot does not name. */
export function renderMoreTopics(n: number): FragmentBytes {
  return plain(words.digest.moreTopics(n), words.digest.moreTopics(n));
}

function plain(html: string, text: string): FragmentBytes {
  return { html: freezeHtml(escapeHtml(html)), text: freezeText(text) };
}
