import { describe, expect, test } from 'vitest';

import {
  isOrganization,
  isTellingOrganization,
  wordsOfOrganization,
} from '../../src/domain/organization-name.ts';

const finds = (wanted: string, found: string) =>
  isOrganization(wordsOfOrganization(wanted), wordsOfOrganization(found));

describe('an organisation', () => {
  test.each([
    ['DeepMind', 'Google DeepMind'],
    ['deepmind', 'GoogleDeepMind'],
    ['Google', 'Google DeepMind'],
    ['Meta', 'AI at Meta'],
    ['HKUST', 'LARK Lab@HKUST (GZ)'],
    ['ETH Zürich', 'ETH Zurich'],
    ['University of Hong Kong', 'The University of Hong Kong'],
    ['The University of Hong Kong', 'University of Hong Kong'],
    ['Tsinghua University', 'Knowledge Engineer Group @ Tsinghua University'],
  ])('%s finds %s', (wanted, found) => expect(finds(wanted, found)).toBe(true));

  test.each([
    ['Apple', 'Pineapple Labs'],
    ['Google DeepMind', 'Google'],
    ['University of Hong Kong', 'Chinese University of Hong Kong, Shenzhen'],
    ['University of Washington', 'Washington University'],
    ['Intel', 'Intelligent Systems Lab'],
  ])('%s does not find %s', (wanted, found) => expect(finds(wanted, found)).toBe(false));

  test('needs a name of its own', () => {
    for (const name of ['AI Research Lab', 'the university', '', '&', 'X']) {
      expect(isTellingOrganization(name), name).toBe(false);
    }
    for (const name of ['MIT', 'Qwen', 'Shanghai AI Lab', '月之暗面']) {
      expect(isTellingOrganization(name), name).toBe(true);
    }
  });
});
