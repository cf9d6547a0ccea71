/**
 * After the papers come their pictures: fetched once from the hosts on the list, made small, stored, and served by us, so that
 * no third party sees who reads. A paper whose picture is not here yet is shown without one.
 *
 * Each picture is one transaction. It dies half-way and what is stored is whole; the next run takes the rest. Two at once
 * store the same rows.
 */
import type { Context } from '../context.ts';
import { dropOldPictures, keepPicture, listWantedPictures, notePictureRefused } from '../db/pictures.ts';
import { within } from '../deadline.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import { candidateDays } from '../domain/ranking.ts';
import { fetchPicture } from '../sources/picture.ts';
import { resizePicture } from '../sources/picture-sizes.ts';

export interface PictureOptions {
  /** In place of the network. */
  fetch?: typeof fetchPicture;
  /** What is not here by then is left to the next run. */
  withinMs?: number;
}

const picturesPerRunMax = 300;
const atOnceMax = 4;
const withinMsDefault = 5 * 60_000;

/** Fetches the pictures of papers that digests may still bring. Gives how many were stored; without a network, 0 at once. */
export async function fetchPictures(ctx: Context, options: PictureOptions = {}): Promise<number> {
  const { fetch = fetchPicture, withinMs = withinMsDefault } = options;
  const since = addDays(utcDate(ctx.now()), -candidateDays);
  const wanted = await listWantedPictures(ctx.db, { since, limit: picturesPerRunMax });
  const counts = { stored: 0, refused: 0 };
  let unreachable: string | undefined;

  async function work(signal: AbortSignal): Promise<void> {
    for (let next = wanted.shift(); next; next = wanted.shift()) {
      if (unreachable) return;
      const answer = await fetch(next.address, signal);
      if (signal.aborted) return;
      // Noted as well: one address that never answers must not stand in the way of all others.
      if ('unreachable' in answer) unreachable = answer.unreachable;
      const sizes = 'bytes' in answer ? await resizePicture(answer.bytes) : undefined;
      if (sizes) await keepPicture(ctx.db, next, sizes);
      else await notePictureRefused(ctx.db, next);
      counts[sizes ? 'stored' : 'refused'] += 1;
    }
  }

  await within(withinMs, ctx.signal, ({ signal }) =>
    Promise.all(Array.from({ length: atOnceMax }, () => work(signal))),
  );
  if (unreachable)
    ctx.log.warn({ reason: unreachable, ...counts }, 'the pictures of papers cannot be fetched');
  else if (counts.stored + counts.refused > 0) ctx.log.info(counts, 'pictures fetched');
  await dropOldPictures(ctx.db);
  return counts.stored;
}
