/**
 * *Plain improved*: the same with batch.send and cached cards. A job has a hundred subscribers; each paper's card is
 * rendered once, and only what surrounds the cards is rendered for each reader.
 */
import { createElement } from 'react';
import { render, toPlainText } from 'react-email';
import { Digest } from '../../emails/digest.tsx';
import { PaperCard } from '../../emails/paper-card.tsx';
import { type PlainDigest, type PlainPaper, readPlainDigest, recordPlainDigests } from './digest-query.ts';
import { cardOf, headersOf, subjectOf, surroundOf, tokenOf } from './mail.tsx';
import { openPlain } from './plain.ts';

interface Card {
  html: string;
  text: string;
}

const cards = new Map<string, Card>();
/** Stand where the cards, and in a card the reader's token, will be. */
const cardsMark = '@@CARDS@@';
const tokenMark = '@@TOKEN@@';

openPlain(async ({ db, resend }, { date, subscriberIds }) => {
  const made: { digest: PlainDigest; html: string; text: string }[] = [];
  for (const subscriberId of subscriberIds) {
    const digest = await readPlainDigest(db, subscriberId, date);
    if (digest && digest.papers.length > 0) made.push({ digest, ...(await renderMail(digest, date)) });
  }
  if (made.length === 0) return;
  const { data, error } = await resend.batch.send(
    made.map(({ digest, html, text }) => ({
      from: 'Broadsheet <digest@broadsheet.example>',
      to: digest.address,
      subject: subjectOf(digest),
      html,
      text,
      headers: headersOf(digest),
    })),
    { idempotencyKey: `plain/${date}/${subscriberIds[0]}` },
  );
  if (error) throw new Error(error.message);
  const sent = made.map(({ digest }, n) => ({ digest, emailId: data.data[n]!.id }));
  await recordPlainDigests(db, date, sent);
});

async function renderMail(digest: PlainDigest, date: string): Promise<{ html: string; text: string }> {
  const shell = await render(createElement(Digest, { ...surroundOf(digest, date), children: cardsMark }));
  const own: Card[] = [];
  for (const [place, paper] of digest.papers.entries()) own.push(await cachedCard(paper, place === 0));
  const token = tokenOf(digest);
  const joined = (parts: string[]) => parts.join('\n').replaceAll(tokenMark, token);
  return {
    html: shell.replace(cardsMark, () => joined(own.map(({ html }) => html))),
    text: toPlainText(shell).replace(cardsMark, () => joined(own.map(({ text }) => text))),
  };
}

async function cachedCard(paper: PlainPaper, lead: boolean): Promise<Card> {
  const name = `${paper.id} ${lead} ${paper.topic} ${paper.in_title}`;
  const known = cards.get(name);
  if (known) return known;
  const html = await render(createElement(PaperCard, cardOf(paper, lead, tokenMark)));
  const card = { html: html.replace(/^<!DOCTYPE[^>]*>/, ''), text: toPlainText(html) };
  cards.set(name, card);
  return card;
}
