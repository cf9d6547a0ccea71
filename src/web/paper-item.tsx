/** @jsxImportSource hono/jsx */
import type { ListedPaper } from '../db/listings.ts';
import { type Picture, picturePath } from '../domain/picture.ts';
import { clean, httpsUrl } from '../render/clean.ts';
import { metaLine } from '../render/meta.ts';
import { firstSentences } from '../render/sentences.ts';
import { words } from '../words/words.ts';
import { paperPath } from './paper-links.ts';

const said = words.list;
const sentencesCharactersMax = 420;

interface PaperItemProps {
  paper: ListedPaper;
  /** The first one: a larger title, and its picture above it. */
  isLead?: boolean;
  today: string;
}

/** One paper on a page, as the digest shows it; its abstract unfolds. */
export function PaperItem({ paper, isLead = false, today }: PaperItemProps) {
  const picture = isLead ? paper.pictures?.wide : paper.pictures?.small;
  const abstract = clean(paper.abstract);
  const sentences = firstSentences(clean(paper.summary) || abstract, sentencesCharactersMax);
  const title = clean(paper.title);
  return (
    <article class={isLead ? 'paper lead' : 'paper'}>
      {picture && <PaperPicture picture={picture} isLead={isLead} />}
      <h2>
        <a href={paperPath(paper.key)}>{title}</a>
      </h2>
      <p class="meta">{metaLine(paper, today)}</p>
      {sentences && <p>{sentences}</p>}
      {abstract !== '' && abstract !== sentences && (
        <details class="abstract">
          <summary>
            {said.wholeAbstract}
            <span class="aside-from-view">{said.ofPaper(title)}</span>
          </summary>
          <p>{abstract}</p>
        </details>
      )}
      <PaperLinks paper={paper} />
    </article>
  );
}

/** A paper's picture: wide above its title, or small beside it. It says nothing that the words do not. */
export function PaperPicture({ picture, isLead = true }: { picture: Picture; isLead?: boolean }) {
  const { width, height } = picture;
  const loading = isLead ? 'eager' : 'lazy';
  return (
    <img class="picture" src={picturePath(picture)} width={width} height={height} alt="" loading={loading} />
  );
}

/** Where the paper itself is, with its title for those who hear the links alone. */
export function PaperLinks({ paper }: { paper: ListedPaper }) {
  return (
    <p class="links">
      {linksOf(paper).map(([label, address]) => (
        <a href={address}>
          {label}
          <span class="aside-from-view"> {clean(paper.title)}</span>
        </a>
      ))}
    </p>
  );
}

function linksOf(paper: ListedPaper): [string, string][] {
  const links: [string, string | undefined][] = [
    [words.paper.read, httpsUrl(paper.url)],
    [words.paper.pdf, httpsUrl(paper.pdfUrl)],
    [words.paper.code, httpsUrl(paper.codeUrl)],
    [words.paper.project, httpsUrl(paper.projectUrl)],
  ];
  return links.flatMap(([label, address]) => (address ? [[label, address] as [string, string]] : []));
}
