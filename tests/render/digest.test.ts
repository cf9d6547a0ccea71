import fc from 'fast-check';
import { createElement } from 'react';
import { expect, test } from 'vitest';
import { Digest, type FootTopic } from '../../emails/digest.tsx';
import { PaperCard, type PaperCardProps } from '../../emails/paper-card.tsx';
import { pack } from '../../src/domain/digest.ts';
import { openAssembler } from '../../src/render/assemble.ts';
import { cardOf, type CardPaper, whyBytesMax } from '../../src/render/card.ts';
import { cardText, digestText } from '../../src/render/digest-text.ts';
import {
  renderCard,
  renderDayline,
  renderMoreTopics,
  renderSlotLine,
  renderSubject,
  renderTopicName,
  renderWhy,
  renderWhyRest,
} from '../../src/render/fragments.ts';
import { asciiHtml, type FragmentBytes } from '../../src/render/freeze.ts';
import { hole, Hole } from '../../src/render/holes.ts';
import {
  daylineOf,
  isPlainPair,
  slotLineOf,
  topicName,
  whyLine,
  type Reason,
} from '../../src/render/lines.ts';
import { checkMail, readMail } from '../../src/render/mail.ts';
import { renderDocument } from '../../src/render/document.ts';
import { renderShell } from '../../src/render/shell.ts';
import { subjectLine } from '../../src/render/subject.ts';
import { wrap } from '../../src/render/wrap.ts';
import { anyPaper, anyReason, anyText } from '../support/arbitrary-paper.ts';

const baseUrl = 'https://digest.example.org';
const installation = {
  from: 'Broadsheet <digest@example.org>',
  replyTo: 'help@example.org',
  baseUrl,
  postalAddress: 'Broadsheet, Straße 1, "Köln" <Deutschland>',
  listId: 'daily.example.org',
};
const tokens = {
  unsubscribe: 'u-1x-0-0-k1-abcdefghijklmnopqrstuv',
  preferences: 'p-1x-1-0-k1-abcdefghijklmnopqrstuv',
  digest: 'd-1x-1-20251212-k1-abcdefghijklmnopqrstuv',
  taste: 't-1x-1-20251212-k1-abcdefghijklmnopqrstuv',
};
const fill = { address: 'ada@example.org', tag: 'd-1x-20251212', tokens };
const shell = renderShell(installation);

interface Sample {
  papers: { paper: CardPaper; reasons: Reason[] }[];
  topics: string[];
  moreTopics: number;
  day: { localDate: string; papers: number; chosenFrom: number; partial: boolean };
  slot: { timeZone: string; sendHour: number; weekdays: number };
}

const anySample: fc.Arbitrary<Sample> = fc.record({
  papers: fc.array(fc.record({ paper: anyPaper, reasons: fc.array(anyReason, { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
  topics: fc.array(anyText, { maxLength: 4 }),
  moreTopics: fc.nat({ max: 46 }),
  day: fc.record({
    localDate: fc.constantFrom('2025-12-12', '2024-02-29', '2026-01-01'),
    papers: fc.nat({ max: 30 }),
    chosenFrom: fc.nat({ max: 5000 }),
    partial: fc.boolean(),
  }),
  slot: fc.record({
    timeZone: fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'Etc/GMT+5', 'UTC', 'EST'),
    sendHour: fc.integer({ min: 0, max: 23 }),
    weekdays: fc.integer({ min: 1, max: 127 }),
  }),
});

test('the spliced mail is, byte for byte, the plain render of the same digest', async () => {
  await fc.assert(
    fc.asyncProperty(anySample, async (sample) => {
      const bytes = await spliced(sample);
      expect(checkMail(bytes)).toEqual([]);
      const mail = readMail(bytes);
      const plain = await inOneGo(sample);
      expect(mail.subject).toBe(plain.subject);
      expect(mail.html).toBe(plain.html);
      expect(mail.text).toBe(plain.text);
    }),
    { numRuns: 150 },
  );
});

test('the sender, the headers and the tag are in the mail', async () => {
  const mail = readMail(await spliced(await oneSample()));
  expect(mail).toMatchObject({
    from: installation.from,
    replyTo: installation.replyTo,
    to: 'ada@example.org',
    headers: {
      'List-Unsubscribe': `<${baseUrl}/unsubscribe/${tokens.unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'List-Id': 'Broadsheet <daily.example.org>',
      'Auto-Submitted': 'auto-generated',
      Precedence: 'bulk',
    },
    tags: [{ name: 'digest', value: 'd-1x-20251212' }],
  });
});

test('thirty papers stay under 90 KB of HTML and ten under 45 KB, whatever they are', async () => {
  await fc.assert(
    fc.asyncProperty(anySample, anyPaper, async (sample, paper) => {
      const reasons = sample.papers[0]!.reasons;
      for (const [count, bytesMax] of [
        [30, 90_000],
        [10, 45_000],
      ] as const) {
        const papers = Array.from({ length: count }, () => ({ paper, reasons }));
        const mail = readMail(await spliced({ ...sample, papers }));
        expect(mail.html.length).toBeLessThanOrEqual(bytesMax);
      }
    }),
    { numRuns: 20 },
  );
});

async function spliced(sample: Sample): Promise<Buffer> {
  const { layOut, layOutShell, assembleDigest } = openAssembler();
  let last = 0;
  const lay = (fragment: FragmentBytes) => (layOut(++last, fragment), last);
  const topics = sample.topics.map((topic) => lay(renderTopicName(topic)));
  if (sample.moreTopics > 0) topics.push(lay(renderMoreTopics(sample.moreTopics)));
  const cards = [];
  for (const [place, { paper, reasons }] of sample.papers.entries()) {
    const card = lay(await renderCard(paper, { lead: place === 0, baseUrl }));
    const { why, whyRest } = whyOf(reasons);
    cards.push({ card, why: lay(why), whyRest: whyRest && lay(whyRest) });
  }
  const composition = pack({
    subject: lay(renderSubject(sample.papers[0]!.paper.title, sample.papers.length - 1)),
    dayline: lay(renderDayline(sample.day)),
    slot: lay(renderSlotLine(sample.slot)),
    topics,
    cards,
    isTextOnly: false,
  });
  layOutShell(1, shell);
  return assembleDigest(1, { composition, fill });
}

/** As compose puts it: a part for each topic of a plain pair. */
function whyOf(reasons: Sample['papers'][number]['reasons']): {
  why: FragmentBytes;
  whyRest?: FragmentBytes;
} {
  const [first, second, third] = reasons;
  if (!first || !second || third || !isPlainPair(first, second)) return { why: renderWhy(reasons) };
  return {
    why: renderWhy([{ ...first, inTitle: false }]),
    whyRest: renderWhyRest(second.name, first.inTitle && second.inTitle),
  };
}

/** What React Email makes of the whole digest, with everything filled in before it is drawn. */
async function inOneGo(sample: Sample) {
  const topics: FootTopic[] = sample.topics.map((topic) => ({ name: topicName(topic) }));
  if (sample.moreTopics > 0) topics.push({ more: sample.moreTopics });
  const cards = sample.papers.map(({ paper, reasons }, place) =>
    filledCard(cardOf(paper, { lead: place === 0, baseUrl }), whyLine(reasons, whyBytesMax)),
  );
  const subject = subjectLine(sample.papers[0]!.paper.title, sample.papers.length - 1);
  const digest = {
    slotLine: slotLineOf(sample.slot),
    topics,
    links: {
      preferences: `${baseUrl}/preferences/${tokens.preferences}`,
      browser: `${baseUrl}/digest/${tokens.digest}`,
      unsubscribe: `${baseUrl}/unsubscribe/${tokens.unsubscribe}`,
    },
    postalAddress: installation.postalAddress,
  };
  const dayline = daylineOf(sample.day);
  const children = cards.map((card, key) => createElement(PaperCard, { ...card, key }));
  const html = asciiHtml(renderDocument(createElement(Digest, { ...digest, subject, dayline, children })));
  const text = digestText({
    ...digest,
    dayline: wrap(dayline),
    cards: cards.map((card) => cardText({ ...card, why: wrap(card.why) })).join(''),
  });
  return { subject, html, text };
}

function filledCard(card: PaperCardProps, why: string): PaperCardProps {
  return { ...card, why, tasteHref: card.tasteHref?.replace(hole(Hole.tasteToken), tokens.taste) };
}

async function oneSample(): Promise<Sample> {
  return fc.sample(anySample, { numRuns: 1, seed: 1 })[0]!;
}
