/** @jsxImportSource hono/jsx */
import type { ListedPaper } from '../db/listings.ts';
import { pictureOf } from '../render/card.ts';
import { clean, httpsUrl } from '../render/clean.ts';
import { metaLine } from '../render/meta.ts';
import { firstSentences } from '../render/sentences.ts';

const sentencesCharactersMax = 420;

interface PaperItemProps {
  paper: ListedPaper;
  /** The first one: a larger title, and its picture. */
  isLead: boolean;
  today: string;
}

/** One paper on a page, as the digest shows it. */
export function PaperItem({ paper, isLead, today }: PaperItemProps) {
  const href = httpsUrl(paper.url);
  const picture = isLead ? pictureOf(paper.thumbnailUrl) : undefined;
  const sentences = firstSentences(clean(paper.summary) || clean(paper.abstract), sentencesCharactersMax);
  const title = clean(paper.title);
  return (
    <article class={isLead ? 'paper lead' : 'paper'}>
      {/* Without a size of its own, a picture that does not come takes no room. */}
      {picture && <img class="picture" src={picture} alt="" />}
      <h2>{href ? <a href={href}>{title}</a> : title}</h2>
      <p class="meta">{metaLine(paper, today)}</p>
      {sentences && <p>{sentences}</p>}
      <p class="links">
        {linksOf(paper).map(([label, address]) => (
          <a href={address}>
            {label}
            <span class="aside-from-view"> {title}</span>
          </a>
        ))}
      </p>
    </article>
  );
}

function linksOf(paper: ListedPaper): [string, string][] {
  const links: [string, string | undefined][] = [
    ['Read', httpsUrl(paper.url)],
    ['PDF', httpsUrl(paper.pdfUrl)],
    ['Code', httpsUrl(paper.codeUrl)],
    ['Project', httpsUrl(paper.projectUrl)],
  ];
  return links.flatMap(([label, address]) => (address ? [[label, address] as [string, string]] : []));
}
