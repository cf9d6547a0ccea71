import { readFile } from 'node:fs/promises';

import type { PaperRecord, Rejection } from '../domain/paper.ts';
import { parsePaperLine } from './paper-line.ts';
import type { Source } from './source.ts';

/**
 * The sample edition that comes with Broadsheet, for a machine without a network: real papers, their facts as they
 * were, summaries in our own words, and no pictures, since they could not be fetched. Whatever day is asked for, it is that day's closed list; dates of papers stay real.
 */
export function sampleSource(): Source {
  const source: Source = {
    name: 'sample',
    async read(day) {
      const page = await readFile(new URL('./sample/edition.jsonl', import.meta.url), 'utf8');
      return source.reread(day, { pages: [page], closed: true });
    },
    reread(day, { pages }) {
      const lines = pages.join('').trimEnd().split('\n');
      const papers: PaperRecord[] = [];
      const rejected: Rejection[] = [];
      for (const [index, line] of lines.entries()) {
        const parsed = parsePaperLine(JSON.parse(line), day);
        if ('fault' in parsed) rejected.push({ index, reason: parsed.fault });
        else papers.push(parsed);
      }
      return { papers, rejected, closed: true };
    },
  };
  return source;
}
