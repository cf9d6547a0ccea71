/** Lists of papers that are not what they should be, as something to look at. Facts in, words out. */
import type { SourceDay } from '../db/listings.ts';
import { sourceName } from '../domain/source-name.ts';
import { weekdayOf } from '../domain/weekdays.ts';

export interface ListStory {
  /** What somebody should look at. */
  troubles: string[];
  /** What is only told: on a machine without a network the sample edition stands in, and no reader misses anything. */
  aside: string | undefined;
}

/**
 * A sentence for what could not be read, whatever number of sources and days that is, since a machine without a network
 * reads none of any; and one for each list that is out of date. Newest first in, as they are listed.
 */
export function tellLists(days: readonly SourceDay[]): ListStory {
  const failed = days.filter(({ state }) => state === 'failed');
  const lost = failed.length > 0 ? failedInWords(failed) : undefined;
  const standsIn = days.some(({ source }) => source === 'sample');
  const stale = days.filter(({ state }) => state === 'stale').map(staleInWords);
  return {
    troubles: [...(lost && !standsIn ? [`${lost}.`] : []), ...stale],
    aside: lost && standsIn ? `${lost}; the sample edition stands in.` : undefined,
  };
}

function staleInWords(list: SourceDay): string {
  return `${sourceName(list.source)}: the list of ${weekdayOf(list.day)} is not the current one${because(list)}.`;
}

function failedInWords(failed: readonly SourceDay[]): string {
  const sources = named(failed.map(({ source }) => sourceName(source)).toSorted());
  const days = failed.map(({ day }) => day).toSorted();
  const lists = new Set(days).size === 1 ? 'the list' : 'the lists';
  return `${sources}: ${lists} of ${named(days.map(weekdayOf))} could not be read${because(failed[0]!)}`;
}

/** "arXiv and Hugging Face", each once. */
function named(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(new Set(names));
}

function because({ note }: SourceDay): string {
  return note ? ` (${note.replace(/\.$/, '')})` : '';
}
