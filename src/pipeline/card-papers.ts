import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { pictureColumn } from '../db/pictures.ts';
import type { CardPaper } from '../render/fragments.ts';
import type { Candidates } from './edition-index.ts';

export interface StoredPaper extends CardPaper {
  id: number;
  revision: number;
}

/** The papers that some digests need, by id, as the cards show them. */
export async function readCardPapers(ctx: Context, ids: Iterable<number>): Promise<Map<number, StoredPaper>> {
  const { rows } = await sql<StoredPaper>`
    select id, revision, key, title, abstract, summary, authors, authors_count "authorsCount", organization,
      published_at "publishedAt", votes, comments, code_stars "codeStars", url, pdf_url "pdfUrl", code_url "codeUrl",
      project_url "projectUrl", editor_note "editorNote", ${pictureColumn} pictures
    from papers p where id = any(${[...new Set(ids)]}::int[])
  `.execute(ctx.db);
  return new Map(rows.map((row) => [row.id, row]));
}

interface Kept {
  candidates: Candidates;
  sinceMs: number;
  papers: Map<number, StoredPaper>;
}

/** A picture that comes meanwhile is on the cards made after it; whatever else changes of a paper makes other candidates. */
const keptMs = 30_000;
const keptBy = new WeakMap<Context, Kept>();

/**
 * The same, of papers that many digests of one edition need, and a range of readers after the other: a process reads each of
 * them once while it composes. More than those asked for may be among them.
 */
export async function readEditionPapers(
  ctx: Context,
  candidates: Candidates,
  ids: Iterable<number>,
): Promise<ReadonlyMap<number, StoredPaper>> {
  const { papers } = keptFor(ctx, candidates);
  const missing = [...new Set(ids)].filter((id) => !papers.has(id));
  if (missing.length > 0) for (const [id, paper] of await readCardPapers(ctx, missing)) papers.set(id, paper);
  return papers;
}

/** Of one edition at a time, and not for ever. */
function keptFor(ctx: Context, candidates: Candidates): Kept {
  const known = keptBy.get(ctx);
  if (known?.candidates === candidates && performance.now() - known.sinceMs < keptMs) return known;
  const fresh = { candidates, sinceMs: performance.now(), papers: new Map() };
  keptBy.set(ctx, fresh);
  return fresh;
}
