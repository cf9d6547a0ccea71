/** Lists of papers that are not what they should be, as something to look at. Facts in, words out. */
import type { SourceDay } from '../db/listings.ts';
import { sourceName } from '../domain/source-name.ts';
import { weekdayOf } from '../domain/weekdays.ts';

/**
 * A sentence for what could not be read, whatever number of sources and days that is, since a machine without a network
 * reads none of any; and one for each list that is out of date. Newest first in, as they are listed.
 */
export function tellListTroubles(days: readonly SourceDay[]): string[] {
  const failed = days.filter(({ state }) => state === 'failed');
  const stale = days.filter(({ state }) => state === 'stale');
  return [
    ...(failed.length > 0 ? [failedInWords(failed)] : []),
    ...stale.map(
      (list) =>
        `${sourceName(list.source)}: the list of ${weekdayOf(list.day)} is not the current one${because(list)}.`,
    ),
  ];
}

function failedInWords(failed: readonly SourceDay[]): string {
  const sources = named(failed.map(({ source }) => sourceName(source)).toSorted());
  const days = failed.map(({ day }) => day).toSorted();
  const lists = new Set(days).size === 1 ? 'the list' : 'the lists';
  return `${sources}: ${lists} of ${named(days.map(weekdayOf))} could not be read${because(failed[0]!)}.`;
}

/** "arXiv and Hugging Face", each once. */
function named(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(new Set(names));
}

function because({ note }: SourceDay): string {
  return note ? ` (${note.replace(/\.$/, '')})` : '';
}
