import { describe, expect, test } from 'vitest';
import { meetingWith } from '../../../src/domain/matching/meeting.ts';
import { parseQuery } from '../../../src/domain/matching/query.ts';
import { openVocabulary, readTerms } from '../../../src/domain/matching/terms.ts';

const vocabulary = openVocabulary();
/** "Speculative decoding made simple", then an abstract in which the words stand apart and once together. */
const paper = readTerms(
  "'decod':2A,7C,12C 'made':3A 'simpl':4A 'specul':1A,11C 'fast':5C 'model':6C 'it''s':9C 'key':8B",
  vocabulary,
);
const meet = (text: string) => meetingWith(parseQuery(text)!, vocabulary)?.(paper);

describe('a query', () => {
  test.each([
    ["'specul' <-> 'decod'", true],
    ["'decod' <-> 'specul'", false],
    ["'specul' <2> 'made'", true],
    ["'specul' & 'model'", true],
    ["'specul' & 'absent'", false],
    ["'absent' | 'model'", true],
    ["'specul' & !'absent'", true],
    ["'specul' & !'model'", false],
    ["'specul' & !( 'fast' <-> 'model' )", false],
    ["( 'absent' | 'model' ) & 'key'", true],
    ["'it''s'", true],
    // Side by side only across the border of title and abstract.
    ["'simpl' <-> 'fast'", false],
  ])('%s is met: %s', (text, isMet) => {
    expect(meet(text) !== undefined).toBe(isMet);
  });

  test('counts the title most, and words side by side more than words apart', () => {
    expect(meet("'made'")!.frequency).toBeGreaterThan(meet("'key'")!.frequency);
    expect(meet("'specul' & 'decod'")!.frequency).toBeGreaterThan(meet("'fast' & 'decod'")!.frequency);
    expect(meet("'specul' & 'decod'")!.inTitle).toBe(true);
    expect(meet("'specul' & 'model'")!.inTitle).toBe(false);
  });
});
