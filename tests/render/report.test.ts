import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleReport } from '../../emails/preview-data.ts';
import { renderReport } from '../../src/render/report.ts';
import { anyText } from '../support/arbitrary-paper.ts';

const installation = { link: 'https://papers.example.org/operators', postalAddress: '1 Main Street' };

test('the report has its sentence, what needs a hand, each figure, and one link, in both parts', async () => {
  const { html, text } = renderReport(sampleReport, installation);
  expect(html).toMatch(/^[\x20-\x7e\n]*$/);
  for (const { name, value } of sampleReport.figures) {
    expect(text).toMatch(new RegExp(`^${name} +${value}$`, 'm'));
  }
  expect(html.match(/href="https:\/\/papers\.example\.org\/operators"/g)).toHaveLength(1);
  expect(text.split('\n')).toContain(installation.link);
  expect(html).toContain('prefers-color-scheme:dark');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(78);
});

test('no word of a provider is read as markup', async () => {
  const tags = renderReport(sampleReport, installation).html.match(/<[a-z]/g)!.length;
  await fc.assert(
    fc.asyncProperty(anyText, async (words) => {
      const { html } = renderReport({ ...sampleReport, sentence: words, needs: [words] }, installation);
      expect(html.match(/<[a-z]/g)).toHaveLength(tags);
    }),
    { numRuns: 30 },
  );
});
