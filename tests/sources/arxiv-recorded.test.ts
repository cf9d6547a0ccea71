import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { readPaperFile } from '../../src/sources/file.ts';
import { recordedData } from '../support/recorded.ts';

const folder = join(recordedData ?? '', 'arxiv');
const today = '2026-11-20';

/** Every file that loads, with the number of its papers. */
const loads: Record<string, number> = {
  'atom-query/id_0000.0000_s0_m100_8b51d9633a68.xml': 0,
  'atom-query/id_0808.05394_s0_m100_7b0c7d0a7cdd.xml': 0,
  // Two were asked for: one that arXiv doesn't know is simply missing.
  'atom-query/id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.xml': 1,
  'atom-query/id_1605.08386_s0_m100_199195aa31ad.xml': 1,
  'atom-query/id_1707.08567_s0_m100_6a1afebfc6a3.xml': 1,
  'atom-query/id_2104.12255v1_s0_m100_6ae69987ffe1.xml': 1,
  'atom-query/id_astro-ph_0601001_s0_m100_3150dca9dc76.xml': 1,
  'atom-query/q_testing_s0_m100_cfe7536492ca.xml': 100,
  'atom-query/q_testing_s0_m10_bc5a6c384fe9.xml': 10,
  'atom-query/q_testing_s0_m15_80c242b59d59.xml': 15,
  'atom-query/q_testing_s10_m10_34e56e15aaac.xml': 10,
  'atom-query/q_testing_s20_m10_348a237fecab.xml': 10,
  'atom-query/q_testing_s30_m10_f2e39f0143dc.xml': 10,
  'atom-query/q_testing_s40_m10_96dd32eb854c.xml': 10,
  'atom-query/q_testing_s50_m10_7f488ab8598c.xml': 10,
  'atom-query/q_testing_s5_m10_c0e94a259d4a.xml': 10,
  'atom-query/q_testing_s9_m15_0b78d4b4d476.xml': 15,
  'oai-pmh/2015-GetRecordResponse.xml': 1,
  'oai-pmh/2015-ListRecordsResponse.xml': 6,
  'oai-pmh/2017-arxiv-physics-hep-th.xml': 3,
  'oai-pmh/2017-arxiv-single.xml': 1,
  'oai-pmh/2018-recorded-getrecord.json': 1,
  'oai-pmh/2018-recorded-oaipmh-listrecords---should-list-identifiers-from-arxiv.json': 2,
  'oai-pmh/2026-listrecords-arXiv-physics.plasm-ph-2026-01-05.xml': 3,
  'rss/atom-cs.AI-2025-08-20.xml': 7,
  'rss/rss-cs.AI-2026-04-27.xml': 3,
  'rss/rss-cs.CL-2026-04-27.xml': 3,
};

/** Every file that is refused, with its own fault. */
const refused: Record<string, string> = {
  'atom-query/id_abc_s0_m100_b79c8dcf6bc3.xml': `arXiv's error "incorrect id format for abc"`,
  'atom-query/manifest.json': 'a list of 20 objects none of which has an id, a key or a title',
  'oai-pmh/2015-ErrorResponseBadArgument.xml': `badArgument: "Verb 'ListRecords', illegal argument 'identifier'."`,
  'oai-pmh/2015-ErrorResponseBadResumptionToken.xml':
    'badResumptionToken: "The resumptionToken supplied is illegal for this repository"',
  'oai-pmh/2015-ErrorResponseBadVerb.xml': `badVerb: "Bad verb. Verb 'wah' not implemented."`,
  'oai-pmh/2015-ErrorResponseIdDoesNotExist.xml': "idDoesNotExist: \"Identifier 'oai:arXiv.org:0813.2274'",
  'oai-pmh/2015-ErrorResponseNoRecordsMatch.xml': `noRecordsMatch: "Set argument doesn't match any sets.`,
  'oai-pmh/2018-recorded-oaipmh-identify---should-identify-arxiv.json':
    'describes arXiv (Identify), not papers',
  'oai-pmh/2018-recorded-oaipmh-listidentifiers---should-list-identifiers-from-arxiv.json':
    'identifiers only (ListIdentifiers): papers without titles',
  'oai-pmh/2018-recorded-oaipmh-listmetadataformats---should-list-metadata-formats-for-arxiv-id-1208-0264.json':
    "arXiv's formats (ListMetadataFormats), not papers",
  'oai-pmh/2018-recorded-oaipmh-listmetadataformats---should-list-metadata-formats-for-arxiv.json':
    "arXiv's formats (ListMetadataFormats), not papers",
  'oai-pmh/2018-recorded-oaipmh-listsets---should-list-arxiv-sets.json':
    "arXiv's sets (ListSets), not papers",
  'taxonomy/arXiv_archive_group.json': 'a list of 21 objects none of which has an id, a key or a title',
  'taxonomy/arXiv_archives.json': 'a list of 39 objects none of which has an id, a key or a title',
  'taxonomy/arXiv_categories.json': 'a list of 193 objects none of which has an id, a key or a title',
  'taxonomy/arXiv_category_def.json': 'a list of 184 objects none of which has an id, a key or a title',
  'taxonomy/arXiv_groups.json': 'a list of 9 objects none of which has an id, a key or a title',
  'taxonomy/taxonomy.json':
    'one JSON object with "groups", "archives", "categories", "other", not a list of papers',
};

describe.skipIf(!recordedData)("recorded: arXiv's files", () => {
  test('recorded: all stand in one of the two tables', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((name) => /\.(?:xml|json)$/.test(name));
    expect(files.toSorted()).toEqual([...Object.keys(loads), ...Object.keys(refused)].toSorted());
  });

  test.each(Object.entries(loads))('recorded: %s loads, with %i papers', async (file, papers) => {
    const reading = await readPaperFile(join(folder, file), { today });
    expect(reading.source).toBe('arxiv');
    expect(reading.papers).toHaveLength(papers);
    const isWait = file.includes('listrecords---should-list');
    expect(reading.rejected).toEqual(
      isWait ? [{ index: 0, reason: 'is an HTTP 503 that asks to wait 10 s, not papers' }] : [],
    );
    for (const paper of reading.papers) {
      expect(paper.key).toMatch(/^arxiv:(?:\d{4}\.\d{4,5}|[a-z-]+\/\d{7})$/);
      expect(paper.abstract!.length, paper.key).toBeGreaterThan(30);
      expect(paper.authors!.length, paper.key).toBeGreaterThan(0);
      expect(paper.categories!.length, paper.key).toBeGreaterThan(0);
      expect(JSON.stringify(paper)).not.toMatch(/&(?:#\d+|amp|lt|quot|apos);|Announce Type/);
      expect(paper.withdrawn).toBeUndefined();
    }
  });

  test.each(Object.entries(refused))('recorded: %s is refused: %s', async (file, fault) => {
    const refusal = readPaperFile(join(folder, file), { today });
    await expect(refusal).rejects.toThrow(fault);
    await expect(refusal).rejects.toThrow(join(folder, file));
  });

  test('recorded: facts that only one format tells, or tells wrongly', async () => {
    const paperOf = async (file: string, key: string) =>
      (await readPaperFile(join(folder, file), { today })).papers.find((paper) => paper.key === key);

    // The history tells the first submission and the newest version.
    expect(await paperOf('oai-pmh/2015-GetRecordResponse.xml', 'arxiv:1302.2146')).toMatchObject({
      version: 2,
      publishedAt: new Date('2013-02-08T21:00:01Z'),
      authors: ['Joshua Berger', 'Maxim Perelstein', 'Michael Saelim', 'Philip Tanedo'],
    });
    // "created" says 2025-12-16 of a paper whose identifier is of August.
    const bulk = 'oai-pmh/2026-listrecords-arXiv-physics.plasm-ph-2026-01-05.xml';
    const moved = await paperOf(bulk, 'arxiv:2508.21012');
    expect(moved).toMatchObject({ listedOn: '2025-08-31' });
    expect(moved).not.toHaveProperty('publishedAt');
    expect((await paperOf(bulk, 'arxiv:2504.11237'))?.abstract).toMatch(/^Mendeleev's periodic table/);
    // math.MP is math-ph by another name.
    expect((await paperOf('oai-pmh/2017-arxiv-physics-hep-th.xml', 'arxiv:1412.8323'))?.categories).toEqual([
      'quant-ph',
      'gr-qc',
      'hep-th',
      'math-ph',
      'physics.hist-ph',
    ]);
    const old = await paperOf(
      'atom-query/id_astro-ph_0601001_s0_m100_3150dca9dc76.xml',
      'arxiv:astro-ph/0601001',
    );
    expect(old).toMatchObject({
      version: 1,
      url: 'https://arxiv.org/abs/astro-ph/0601001',
      categories: ['astro-ph'],
    });
    expect((await paperOf('rss/rss-cs.CL-2026-04-27.xml', 'arxiv:2604.22002'))?.authors).toContain('Deepti');
    expect((await paperOf('rss/atom-cs.AI-2025-08-20.xml', 'arxiv:2508.13429'))?.authors).toEqual([
      'Paulo André Lima de Castro',
    ]);
  });
});
