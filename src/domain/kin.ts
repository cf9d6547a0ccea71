import type { IndexedPaper } from './appeal.ts';
import type { Integers } from './integer-set.ts';
import { append } from './multimap.ts';

/** What a digest shall not have too much of. */
export interface Kin {
  twins: number | undefined;
  /** Numbers of authors (above 0) and organisations (below). */
  makers: readonly number[];
}

/** A digest has at most this many papers with the same first or last author, as long as there are others. */
export const authorPapersMax = 2;

/** The same of one organisation: two, and two fifths of a longer digest. */
export function organizationPapersMax(amount: number): number {
  return Math.max(2, Math.ceil(amount * 0.4));
}

/** What can no longer come, as papers are taken. `heldBack` once one was passed over for what it shares with others. */
export function openGone(
  kinOfPapers: ReadonlyMap<number, Kin>,
  { unwanted, amount }: { unwanted: Integers; amount: number },
) {
  // Seven as a rule, and thirty at most in a digest: looked through sooner than a set is made.
  const taken: number[] = [];
  const twinsTaken: number[] = [];
  const counts = new Map<number, number>();
  const organizationMax = organizationPapersMax(amount);
  const gone = {
    heldBack: false,
    has(paperId: number, isHolding: boolean): boolean {
      if (unwanted.has(paperId) || taken.includes(paperId)) return true;
      const kin = kinOfPapers.get(paperId);
      if (!kin) return false;
      if (kin.twins !== undefined && twinsTaken.includes(kin.twins)) return true;
      if (!isHolding) return false;
      const isTooMuch = kin.makers.some(
        (maker) => (counts.get(maker) ?? 0) >= (maker > 0 ? authorPapersMax : organizationMax),
      );
      if (isTooMuch) gone.heldBack = true;
      return isTooMuch;
    },
    take(paperId: number): void {
      taken.push(paperId);
      const kin = kinOfPapers.get(paperId);
      if (!kin) return;
      if (kin.twins !== undefined) twinsTaken.push(kin.twins);
      for (const maker of kin.makers) counts.set(maker, (counts.get(maker) ?? 0) + 1);
    },
  };
  return gone;
}

/** Numbers for what papers share. Makers of two papers at most can't be too much, so most papers have no entry. */
export function kinOf(papers: readonly IndexedPaper[]): Map<number, Kin> {
  const made = new Map<string, number[]>();
  for (const { id, authors = [], organization } of papers) {
    for (const author of new Set(authors)) append(made, `a ${author}`, id);
    if (organization !== undefined) append(made, `o ${organization}`, id);
  }
  const makers = new Map<number, number[]>();
  let number = 0;
  for (const [name, ids] of made) {
    if (ids.length <= authorPapersMax) continue;
    number++;
    for (const id of ids) append(makers, id, name.startsWith('a') ? number : -number);
  }
  const kin = new Map<number, Kin>();
  for (const { id, twins } of papers) {
    const own = makers.get(id) ?? [];
    if (twins !== undefined || own.length > 0) kin.set(id, { twins, makers: own });
  }
  return kin;
}
