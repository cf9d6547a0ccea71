import { type Kysely, sql } from 'kysely';
import { type PaperCorpus, readPaperCorpus } from '../db/paper-corpus.ts';
import type { Reader } from '../db/readers.ts';
import type { Database } from '../db/schema.ts';
import { scoreTaste, tasteShare } from '../domain/matching/taste.ts';
import type { Taste } from '../domain/ranking.ts';
import type { Candidates } from './edition-index.ts';

/** A reader's taste among the candidates, and which liked paper a candidate is closest to. */
export interface ReaderTaste extends Taste {
  /** The liked paper that a candidate is most alike to. */
  closestLiked(paperId: number): { id: number; title: string } | undefined;
}

/**
 * The tastes of those readers who liked anything, by reader. Their papers' words are read once for all of them and
 * once more only when somebody liked a paper that was not read yet.
 */
export async function readReaderTastes(
  db: Kysely<Database>,
  candidates: Candidates,
  readers: readonly Pick<Reader, 'id' | 'judged'>[],
): Promise<Map<number, ReaderTaste>> {
  const judging = readers.filter(({ judged }) => judged.more.length > 0);
  if (judging.length === 0) return new Map();
  const papers = await corpusFor(
    db,
    candidates,
    judging.flatMap(({ judged }) => [...judged.more, ...judged.less]),
  );
  return new Map(judging.map(({ id, judged }) => [id, tasteOf(papers, candidates, judged)]));
}

const corpora = new WeakMap<Candidates, Promise<TasteCorpus>>();

interface TasteCorpus extends PaperCorpus {
  placeOf: ReadonlyMap<number, number>;
  candidates: Int32Array;
  /** Of the papers judged. */
  titles: ReadonlyMap<number, string>;
}

async function corpusFor(
  db: Kysely<Database>,
  candidates: Candidates,
  judged: readonly number[],
): Promise<TasteCorpus> {
  const known = await corpora.get(candidates);
  if (known && judged.every((id) => known.placeOf.has(id))) return known;
  const loading = loadCorpus(db, candidates, [...judged, ...(known?.titles.keys() ?? [])]);
  corpora.set(candidates, loading);
  loading.catch(() => corpora.delete(candidates));
  return loading;
}

async function loadCorpus(
  db: Kysely<Database>,
  candidates: Candidates,
  judged: readonly number[],
): Promise<TasteCorpus> {
  const papers = await readPaperCorpus(db, [...new Set([...candidates.papers.keys(), ...judged])]);
  const placeOf = new Map(papers.ids.map((id, place) => [id, place]));
  const places = [...candidates.papers.keys()]
    .map((id) => placeOf.get(id))
    .filter((place) => place !== undefined);
  const { rows } = await sql<{ id: number; title: string }>`
    select id, title from papers where id = any(${[...new Set(judged)]}::int[])`.execute(db);
  const titles = new Map(rows.map(({ id, title }) => [id, title]));
  return { ...papers, placeOf, titles, candidates: Int32Array.from(places) };
}

function tasteOf(
  { corpus, learner, ids, placeOf, titles, candidates: targets }: TasteCorpus,
  candidates: Candidates,
  judged: Reader['judged'],
): ReaderTaste {
  const placesOf = (papers: readonly number[]) =>
    papers.map((id) => placeOf.get(id)).filter((place) => place !== undefined);
  const more = placesOf(judged.more);
  const scored = scoreTaste(corpus, learner, { more, less: placesOf(judged.less) }, targets);
  const scores = new Map<number, number>();
  if (scored) for (const place of targets) scores.set(ids[place]!, scored[place]!);
  return {
    share: tasteShare(more.length),
    scores,
    closestLiked(paperId) {
      const place = placeOf.get(paperId);
      if (place === undefined || !candidates.papers.has(paperId)) return undefined;
      const target = Int32Array.of(place);
      const alike = more.map((liked) => ({
        id: ids[liked]!,
        likeness: learner.likeness([{ paper: liked, weight: 1 }], target)[place]!,
      }));
      const closest = alike.toSorted((a, b) => b.likeness - a.likeness || a.id - b.id)[0];
      return closest && { id: closest.id, title: titles.get(closest.id) ?? '' };
    },
  };
}
