/** @jsxImportSource hono/jsx */
import type { PreviewedPaper } from '../pipeline/previewed-paper.ts';
import { clean } from '../render/clean.ts';
import { words } from '../words/words.ts';
import { paperPath } from './paper-links.ts';

/** A digest in short: why each paper is in it, and its title. */
export function WouldBe({ papers }: { papers: readonly PreviewedPaper[] }) {
  if (papers.length === 0) {
    return <p class="small soft">{words.subscribe.nothingMatches}</p>;
  }
  return (
    <ol class="would-be">
      {papers.map((paper) => (
        <li>
          <p class="why">{sentence(paper.why)}</p>
          <p class="title">
            <a href={paperPath(paper.key)}>{clean(paper.title)}</a>
          </p>
        </li>
      ))}
    </ol>
  );
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
