import type { ReactElement } from 'react';
import { Digest } from '../../emails/digest.tsx';
import { PaperCard, type PaperCardProps } from '../../emails/paper-card.tsx';
import { daylineOf, slotLineOf } from '../../src/render/lines.ts';
import { metaLine } from '../../src/render/meta.ts';
import { firstSentences } from '../../src/render/sentences.ts';
import { subjectLine } from '../../src/render/subject.ts';
import type { PlainDigest, PlainPaper } from './digest-query.ts';

const baseUrl = 'https://digest.broadsheet.example';
const sentencesCharactersMax = 420;

/** The very mail that ours sends, as React Email components and their props. */
export function PlainMail({ digest, date }: { digest: PlainDigest; date: string }): ReactElement {
  return (
    <Digest {...surroundOf(digest, date)}>
      {digest.papers.map((paper, place) => (
        <PaperCard key={paper.id} {...cardOf(paper, place === 0, tokenOf(digest))} />
      ))}
    </Digest>
  );
}

export function subjectOf({ papers }: PlainDigest): string {
  return subjectLine(papers[0]!.title, papers.length - 1);
}

/** All but the cards. */
export function surroundOf(digest: PlainDigest, date: string) {
  const { papers, timeZone, sendHour, topics } = digest;
  const token = tokenOf(digest);
  return {
    subject: subjectOf(digest),
    dayline: daylineOf({ localDate: date, papers: papers.length, chosenFrom: 2100, partial: false }),
    slotLine: slotLineOf({ timeZone, sendHour, weekdays: 127 }),
    topics: topics.map((name) => ({ name })),
    links: {
      preferences: `${baseUrl}/preferences/${token}`,
      browser: `${baseUrl}/digest/${token}`,
      unsubscribe: `${baseUrl}/unsubscribe/${token}`,
    },
    postalAddress: '1 Example Street, 10115 Berlin',
  };
}

export function cardOf(paper: PlainPaper, lead: boolean, token: string): PaperCardProps {
  const publishedAt = paper.published_at ? new Date(paper.published_at) : null;
  return {
    lead,
    why: paper.in_title ? `${paper.topic} · in the title` : paper.topic,
    title: paper.title,
    href: paper.url,
    meta: metaLine({ ...paper, authorsCount: paper.authors_count, publishedAt }),
    sentences: firstSentences(paper.abstract, sentencesCharactersMax),
    links: [
      { label: 'Read', href: paper.url },
      ...(paper.pdf_url ? [{ label: 'PDF', href: paper.pdf_url }] : []),
    ],
    tasteHref: `${baseUrl}/taste/${token}?paper=${paper.key}`,
    picture: undefined,
    note: '',
  };
}

/** What a plain way would use for the reader's links: one opaque word. */
export function tokenOf({ subscriberId }: PlainDigest): string {
  return Buffer.from(`reader ${subscriberId} of the plain way`).toString('base64url');
}

export function headersOf(digest: PlainDigest): Record<string, string> {
  return {
    'List-Unsubscribe': `<${baseUrl}/unsubscribe/${tokenOf(digest)}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    'List-Id': 'Broadsheet <daily.digest.broadsheet.example>',
  };
}
