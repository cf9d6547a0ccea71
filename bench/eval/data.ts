import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** A labelled paper: the matcher sees its title and abstract, never its categories. */
export interface LabelledPaper {
  id: string;
  /** The day of its listing, `YYYY-MM-DD`. */
  day: string;
  title: string;
  abstract: string;
  authors: string[];
  categories: readonly string[];
  votes: number;
}

const folder = fileURLToPath(new URL('../../../shared/data/eval', import.meta.url));

/** Where the labelled papers lie; undefined where they do not. */
export const evalFolder: string | undefined = existsSync(folder) ? folder : undefined;

/** The split, fixed once: everything was tuned on listing days up to this one and is reported on those after it. */
export const lastTuningDay = '2026-01-28';
export const isTuning = ({ day }: { day: string }): boolean => day <= lastTuningDay;

/** Set A: arXiv's computer science on 19 listing days, by day. */
export function readArxivPapers(): LabelledPaper[] {
  return readLines<ArxivLine>('arxiv-cs-2026-01-17_2026-02-08.jsonl.gz')
    .map(({ id, first_listed: day, title, summary: abstract, authors, categories }) => ({
      id,
      day,
      title,
      abstract,
      authors,
      categories,
      votes: 0,
    }))
    .toSorted(byDay);
}

/** Set B: the papers of Hugging Face's lists whose arXiv categories are known, by day; early votes. */
export function readListedPapers(): LabelledPaper[] {
  const categories = new Map(
    readLines<{ id: string; categories: string[] }>('hf-categories-to-2025-12.jsonl.gz').map((line) => [
      line.id,
      line.categories,
    ]),
  );
  const papers = new Map<string, LabelledPaper>();
  for (const line of readLines<ListedLine>('hf-papers-to-2025-12.jsonl.gz')) {
    const { id, list_date: day, title, summary: abstract, authors, upvotes: votes } = line;
    const known = categories.get(id);
    if (known && !papers.has(id))
      papers.set(id, { id, day, title, abstract, authors, categories: known, votes });
  }
  return [...papers.values()].toSorted(byDay);
}

interface ArxivLine {
  id: string;
  first_listed: string;
  title: string;
  summary: string;
  authors: string[];
  categories: string[];
}

interface ListedLine {
  id: string;
  list_date: string;
  title: string;
  summary: string;
  authors: string[];
  upvotes: number;
}

function readLines<T>(name: string): T[] {
  const text = gunzipSync(readFileSync(`${evalFolder}/${name}`)).toString();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const byDay = (a: LabelledPaper, b: LabelledPaper): number =>
  a.day < b.day ? -1 : a.day > b.day ? 1 : a.id < b.id ? -1 : 1;
