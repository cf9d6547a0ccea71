import { type CardLink, PaperCard, type PaperCardProps } from '../../emails/paper-card.tsx';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { type Pictures, picturePath } from '../domain/picture.ts';
import { words } from '../words/words.ts';
import { clean, cutAtWord, httpsUrl } from './clean.ts';
import { asciiHtml } from './freeze.ts';
import { hole, Hole } from './holes.ts';
import { metaLine } from './meta.ts';
import { firstSentences } from './sentences.ts';

/** What a card shows of a paper: columns of the table `papers`. */
export interface CardPaper {
  key: string;
  title: string;
  abstract: string;
  summary: string;
  authors: readonly string[];
  authorsCount: number;
  organization: string | null;
  publishedAt: Date | null;
  votes: number;
  comments: number;
  codeStars: number | null;
  url: string;
  pdfUrl: string | null;
  codeUrl: string | null;
  projectUrl: string | null;
  /** An editor's word on it; empty where there is none. */
  editorNote: string;
  /** Its picture as we serve it, where there is one. */
  pictures: Pictures | null;
}

export interface CardOptions {
  /** The first paper of a digest: a larger title, and its picture. */
  lead: boolean;
  /** PUBLIC_URL, for the picture and the links that change the next digest. */
  baseUrl: string;
  /** The edition's date, `YYYY-MM-DD`: papers from long before it show their year. */
  today?: string | undefined;
  /** For readers who want the titles alone: no sentences, and no picture. */
  titlesOnly?: boolean | undefined;
}

/**
 * The card of a paper with its two holes and its markup, cut until its HTML fits: 2,600 bytes, 3,000 for the lead, filled holes included.
 * Thirty cards and the shell so stay under Gmail's clip whatever the papers are.
 */
export function drawCard(paper: CardPaper, options: CardOptions): { card: PaperCardProps; markup: string } {
  const bytesMax = (options.lead ? leadBytesMax : cardBytesMax) - holesBytesMax;
  for (const [n, size] of sizes.entries()) {
    const card = cutCard(paper, options, size);
    const markup = cardMarkup(card);
    if (n === sizes.length - 1 || asciiHtml(markup).length <= bytesMax) return { card, markup };
  }
  throw new Error('There is no size of cards to choose from.');
}

export function cardOf(paper: CardPaper, options: CardOptions): PaperCardProps {
  return drawCard(paper, options).card;
}

/** The card's markup; what React Email's render() would write for it inside the whole digest. */
export function cardMarkup(card: PaperCardProps): string {
  return renderToStaticMarkup(createElement(PaperCard, card));
}

export const cardBytesMax = 2600;
export const leadBytesMax = 3000;

/** The why line is at most this long in HTML; fragments.ts sees to it. */
export const whyBytesMax = 240;
const tokenCharactersMax = 64;
const holesBytesMax = whyBytesMax + 2 * tokenCharactersMax;

/** A note is a sentence or two. */
export const editorNoteCharactersMax = 280;

/** How much of a paper is shown, from plenty to bare; hostile papers end further down. */
interface CardSize {
  sentences: number;
  /** Of an editor's note, which gives way last. */
  note: number;
  title: number;
  links: number;
  picture: boolean;
  taste: boolean;
  address: boolean;
}

const plenty: CardSize = {
  sentences: 420,
  note: editorNoteCharactersMax,
  title: 200,
  links: 4,
  picture: true,
  taste: true,
  address: true,
};
const sizes: readonly CardSize[] = [
  plenty,
  { ...plenty, sentences: 360 },
  { ...plenty, sentences: 300 },
  { ...plenty, sentences: 240 },
  { ...plenty, sentences: 180 },
  { ...plenty, sentences: 130 },
  { ...plenty, sentences: 130, links: 3, title: 120 },
  { ...plenty, sentences: 100, note: 140, links: 2, title: 100 },
  { ...plenty, sentences: 60, note: 60, links: 1, title: 60, picture: false },
  { ...plenty, sentences: 0, note: 0, links: 1, title: 60, picture: false, taste: false },
  { sentences: 0, note: 0, links: 0, title: 40, picture: false, taste: false, address: false },
];

function cutCard(paper: CardPaper, options: CardOptions, size: CardSize): PaperCardProps {
  const href = size.address ? httpsUrl(paper.url) : undefined;
  const wide = options.lead && size.picture && !options.titlesOnly ? paper.pictures?.wide : undefined;
  return {
    lead: options.lead,
    why: hole(Hole.why),
    title: cutAtWord(clean(paper.title), size.title) || words.paper.untitled,
    href,
    meta: metaLine(paper, options.today),
    sentences: options.titlesOnly
      ? ''
      : firstSentences(clean(paper.summary) || clean(paper.abstract), size.sentences),
    note: options.titlesOnly ? '' : cutAtWord(clean(paper.editorNote), size.note),
    links: paperLinks(paper, href).slice(0, size.links),
    tasteHref: size.taste ? tasteAddress(options.baseUrl, paper.key) : undefined,
    picture: wide && { src: options.baseUrl + picturePath(wide), width: wide.width, height: wide.height },
  };
}

function paperLinks(paper: CardPaper, href: string | undefined): CardLink[] {
  const links: [string, string | undefined][] = [
    [words.paper.read, href],
    [words.paper.pdf, httpsUrl(paper.pdfUrl)],
    [words.paper.code, httpsUrl(paper.codeUrl)],
    [words.paper.project, httpsUrl(paper.projectUrl)],
  ];
  return links.flatMap(([label, address]) => (address ? [{ label, href: address }] : []));
}

function tasteAddress(baseUrl: string, key: string): string | undefined {
  // A key that cleaning changes, or that is endless, is not one of ours; such a paper gets no links that name it.
  if (key.length > keyCharactersMax || clean(key) !== key) return undefined;
  // A colon may stand in a query as it is (RFC 3986, 3.4).
  const named = encodeURIComponent(key).replaceAll('%3A', ':');
  return `${baseUrl}/taste/${hole(Hole.tasteToken)}?paper=${named}`;
}

const keyCharactersMax = 400;
