import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { arxivCategories, arxivCategory, categoryOfSet } from '../../src/domain/arxiv-categories.ts';
import { recordedData } from '../support/recorded.ts';

describe('categories', () => {
  test('keep their order, once each; codes of ACM and MSC, and words, are none', () => {
    const codes = [
      'cs.LG',
      'cs.CL',
      'I.2.7',
      '68T50',
      'cs.LG',
      '68T50, 68T07',
      'I.2.6; I.2.7',
      'Computer Science',
      '',
    ];
    expect(arxivCategories(codes)).toEqual(['cs.LG', 'cs.CL']);
  });

  test.each([
    ['math.MP', 'math-ph'],
    ['stat.TH', 'math.ST'],
    ['math.IT', 'cs.IT'],
    ['q-fin.EC', 'econ.GN'],
    ['cs.SY', 'eess.SY'],
    ['cs.NA', 'math.NA'],
    ['cmp-lg', 'cs.CL'],
    ['astro-ph', 'astro-ph'],
  ])('%s is %s', (alias, name) => {
    expect(arxivCategory(alias)).toBe(name);
  });

  test('names of object members are no categories', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'cs', 'cs.', '.LG', 'CS.LG', 'test.soft']) {
      expect(arxivCategory(name), name).toBeUndefined();
    }
  });

  test.each([
    ['cs:cs:LG', 'cs.LG'],
    ['physics:hep-th', 'hep-th'],
    ['physics:physics:plasm-ph', 'physics.plasm-ph'],
    ['physics:quant-ph', 'quant-ph'],
    ['math:math:IT', 'cs.IT'],
    ['cs', undefined],
    ['physics:moo', undefined],
  ])('the set %s is %s', (set, category) => {
    expect(categoryOfSet(set)).toBe(category);
  });

  test.skipIf(!recordedData)(
    'recorded: are those that the taxonomy calls active, by their one name',
    async () => {
      const taxonomy = JSON.parse(
        await readFile(join(recordedData!, 'arxiv/taxonomy/taxonomy.json'), 'utf8'),
      ) as {
        categories: Record<string, { is_active: boolean }>;
        other: Record<string, Record<string, string>>;
      };
      const aliases = { ...taxonomy.other['CATEGORY_ALIASES'], ...taxonomy.other['ARCHIVES_SUBSUMED'] };
      const active = Object.entries(taxonomy.categories).filter(([, { is_active }]) => is_active);
      expect(active).toHaveLength(155);
      for (const [code] of active) expect(arxivCategory(code), code).toBe(aliases[code] ?? code);
      for (const [alias, name] of Object.entries(aliases)) expect(arxivCategory(alias), alias).toBe(name);
      const legacy = ['astro-ph', 'cond-mat', 'q-bio'];
      for (const code of Object.keys(taxonomy.categories)) {
        const isKnown = taxonomy.categories[code]!.is_active || code in aliases || legacy.includes(code);
        expect(arxivCategory(code) !== undefined, code).toBe(isKnown);
      }
    },
  );
});
