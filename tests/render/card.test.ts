import fc from 'fast-check';
import { parseFragment } from 'parse5';
import { expect, test } from 'vitest';
import { cardBytesMax, cardMarkup, cardOf, type CardPaper, leadBytesMax } from '../../src/render/card.ts';
import { renderCard } from '../../src/render/fragments.ts';
import { asciiHtml } from '../../src/render/freeze.ts';
import { hole, Hole } from '../../src/render/holes.ts';
import { anyPaper } from '../support/arbitrary-paper.ts';

const baseUrl = 'https://digest.example.org';
const starFlow: CardPaper = {
  key: 'arxiv:2511.20462',
  title: 'STARFlow-V: End-to-End Video Generative Modeling with Normalizing Flow',
  abstract: 'An abstract that nobody needs when there is a summary.',
  summary: 'Video from a normalizing flow. One part looks back in time only.',
  authors: ['A', 'B', 'C'],
  authorsCount: 8,
  organization: 'Apple',
  publishedAt: new Date('2025-11-25T00:00:00Z'),
  votes: 41,
  comments: 2,
  codeStars: null,
  url: 'https://huggingface.co/papers/2511.20462',
  pdfUrl: 'https://arxiv.org/pdf/2511.20462',
  codeUrl: 'https://github.com/apple/ml-starflow',
  projectUrl: null,
  editorNote: '',
  pictures: {
    wide: { name: 'w'.repeat(43), width: 1280, height: 691 },
    small: { name: 's'.repeat(43), width: 320, height: 180 },
  },
};

test('a card says why, title, who and when, the sentences, and what you can do, in this order', async () => {
  const { text } = await renderCard(starFlow, { lead: true, baseUrl });
  expect(JSON.parse(`"${text.toString('latin1').replaceAll('\u0001', '?')}"`)).toBe(
    [
      '?`',
      'STARFlow-V: End-to-End Video Generative Modeling with Normalizing Flow',
      'Apple · 25 November · ▲ 41 · 2 comments',
      '',
      'Video from a normalizing flow. One part looks back in time only.',
      '',
      'Read: https://huggingface.co/papers/2511.20462',
      'PDF: https://arxiv.org/pdf/2511.20462',
      'Code: https://github.com/apple/ml-starflow',
      'More like this, or less: https://digest.example.org/taste/?a?paper=arxiv:2511.20462',
      '',
      '-'.repeat(40),
      '',
      '',
    ].join('\n'),
  );
});

test('only the lead has the picture, from our own address, with its size', () => {
  const card = cardOf(starFlow, { lead: true, baseUrl });
  expect(card.picture).toEqual({
    src: `${baseUrl}/pictures/${'w'.repeat(43)}.jpg`,
    width: 1280,
    height: 691,
  });
  expect(cardMarkup(card)).toMatch(/<img [^>]*width="640"[^>]*>/);
  expect(cardMarkup(card)).toMatch(/<img [^>]*height="346"[^>]*>/);
  expect(cardOf(starFlow, { lead: false, baseUrl }).picture).toBeUndefined();
  expect(cardOf({ ...starFlow, pictures: null }, { lead: true, baseUrl }).picture).toBeUndefined();
});

test('without a summary the abstract’s first sentences stand in', () => {
  const card = cardOf({ ...starFlow, summary: ' ' }, { lead: false, baseUrl });
  expect(card.sentences).toBe(starFlow.abstract);
});

test('a long abstract in Chinese, eight bytes a character, is cut until the card fits', () => {
  const abstract = '流匹配是一種不需要資料的蒸餾方法，可以在一步之內完成。'.repeat(60);
  const card = cardOf({ ...starFlow, summary: '', abstract }, { lead: false, baseUrl });
  expect(card.sentences.length).toBeGreaterThan(50);
  expect(card.links.map(({ label }) => label)).toEqual(['Read', 'PDF', 'Code']);
});

test('whatever the paper is: the card keeps to its bytes, its links are https, and its markup is only ours', () => {
  fc.assert(
    fc.property(anyPaper, fc.boolean(), (paper, lead) => {
      const markup = cardMarkup(cardOf(paper, { lead, baseUrl }));
      const filled = asciiHtml(markup)
        .replace(hole(Hole.why), 'w'.repeat(240))
        .replaceAll(hole(Hole.tasteToken), 't'.repeat(64));
      expect(filled.length).toBeLessThanOrEqual(lead ? leadBytesMax : cardBytesMax);
      expect(filled).toMatch(/^[\x20-\x7e]*$/);
      const seen = walk(parseFragment(filled).childNodes as Node[]);
      for (const tag of seen.tags) expect(ourTags).toContain(tag);
      for (const name of seen.attributes) expect(ourAttributes).toContain(name);
      for (const href of seen.hrefs) expect(href).toMatch(/^https:\/\//);
    }),
    { numRuns: 300 },
  );
});

const ourTags = ['p', 'h2', 'a', 'b', 'img'];
const ourAttributes = 'width height class style href src alt fetchpriority'.split(' ');

interface Node {
  nodeName: string;
  attrs?: { name: string; value: string }[];
  childNodes?: Node[];
}

function walk(nodes: readonly Node[]): { tags: string[]; attributes: string[]; hrefs: string[] } {
  const seen = { tags: [] as string[], attributes: [] as string[], hrefs: [] as string[] };
  for (const node of nodes) {
    if (node.nodeName !== '#text') seen.tags.push(node.nodeName);
    for (const { name, value } of node.attrs ?? []) {
      seen.attributes.push(name);
      if (name === 'href' || name === 'src') seen.hrefs.push(value);
    }
    const below = walk(node.childNodes ?? []);
    seen.tags.push(...below.tags);
    seen.attributes.push(...below.attributes);
    seen.hrefs.push(...below.hrefs);
  }
  return seen;
}
