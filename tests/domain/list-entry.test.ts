import { expect, test } from 'vitest';
import { type EntryVerdict, judgeEntry, type KnownOfEntry } from '../../src/domain/list-entry.ts';

const stranger: KnownOfEntry = {
  isSuppressed: false,
  isLifted: false,
  bounceClass: undefined,
  ageMs: 3_600_000,
};

test.each<[string, 'bounce' | 'complaint' | 'manual', Partial<KnownOfEntry>, EntryVerdict]>([
  ['a complaint we did not hear of counts', 'complaint', {}, 'complaint'],
  ['so does a bounce', 'bounce', {}, 'hard_bounce'],
  ['and what somebody put there by hand', 'manual', {}, 'manual'],
  ['what is on both lists needs nothing', 'complaint', { isSuppressed: true }, 'agreed'],
  ['what was lifted here is not brought back', 'complaint', { isLifted: true }, 'agreed'],
  ['a policy bounce belongs on no list', 'bounce', { bounceClass: 'policy' }, 'lift'],
  ['nor does one of the content', 'bounce', { bounceClass: 'content' }, 'lift'],
  ['nor a soft one, before it is five', 'bounce', { bounceClass: 'soft' }, 'lift'],
  ['five soft ones are suppressed here', 'bounce', { bounceClass: 'soft', isSuppressed: true }, 'agreed'],
  ['a policy bounce excuses no complaint', 'complaint', { bounceClass: 'policy' }, 'complaint'],
  ['a hard one whose suppression was lost counts', 'bounce', { bounceClass: 'hard' }, 'hard_bounce'],
  ['a young entry waits for its own report', 'bounce', { ageMs: 3_599_999 }, 'later'],
  ['but not to be lifted', 'bounce', { ageMs: 0, bounceClass: 'policy' }, 'lift'],
])('%s', (_, origin, known, verdict) => {
  expect(judgeEntry(origin, { ...stranger, ...known })).toBe(verdict);
});
