import { readFile, writeFile } from 'node:fs/promises';
import type { Report } from './evaluation.ts';
import type { Interval } from './measures.ts';
import { plotLines } from './plot.ts';
import { type Margins, type Measure, measures, marginsOf, type Summary } from './summary.ts';
import { lengthNames, ours } from './topics-run.ts';
import { lengths } from './definitions.ts';

const docs = new URL('../../docs/', import.meta.url);
const marks = ['<!-- measured: begin -->', '<!-- measured: end -->'] as const;

/** Puts the tables between the marks of docs/relevance.md, and the plots beside it. */
export async function writeReport(report: Report, say: (line: string) => void): Promise<void> {
  const page = await readFile(new URL('relevance.md', docs), 'utf8');
  const [head, tail] = [page.slice(0, page.indexOf(marks[0])), page.slice(page.indexOf(marks[1]))];
  await writeFile(new URL('relevance.md', docs), `${head}${marks[0]}\n\n${tables(report)}\n${tail}`);
  const ticks = report.likes[0]!.byCount.map(({ likes }) => likes);
  for (const [measure, name, from, to] of [
    ['auc', 'AUC', 0.6, 1],
    ['ndcg50', 'nDCG@50', 0.2, 0.9],
  ] as const) {
    const lines = report.likes.map(({ system, byCount }) => ({
      name: system,
      points: byCount.map((point) => ({ x: point.likes, y: point[measure] })),
    }));
    const axes = { x: 'liked papers', y: name, from, to, ticks };
    await writeFile(
      new URL(`relevance-likes-${measure}.svg`, docs),
      plotLines(`${name} by likes`, axes, lines),
    );
  }
  say('docs/relevance.md is written.');
}

function tables({ arxiv, listed, likes, digests }: Report): string {
  return [
    `### Topics on arXiv's days (set A)`,
    `${arxiv.papers} papers on ${arxiv.lists} days; ${arxiv.before} papers of the tuning days were known before, without labels.`,
    summaryTable(arxiv.summaries, 'per day'),
    marginTable(arxiv.summaries, 'per day'),
    `### Topic by topic`,
    table(
      ['category', 'name', 'papers', 'AUC', 'nDCG@10 per day'],
      arxiv.topics.map((topic) => [
        topic.category,
        topic.name,
        String(topic.papers),
        f(topic.auc),
        f(topic.ndcg10PerList),
      ]),
    ),
    `### Likes`,
    'AUC / nDCG@50 on the reporting days; likes drawn five times from the tuning days, for each of the 19 topics.',
    table(
      ['', ...likes[0]!.byCount.map((point) => `${point.likes} liked`)],
      likes.map(({ system, byCount }) => [
        system,
        ...byCount.map((point) => `${f(point.auc)} / ${f(point.ndcg50)}`),
      ]),
    ),
    `![AUC by likes](relevance-likes-auc.svg)\n\n![nDCG@50 by likes](relevance-likes-ndcg50.svg)`,
    `### Topics on Hugging Face's lists (set B)`,
    `${listed.papers} papers of ${listed.lists} weeks; ${listed.before} known before. Nothing was tuned on these.`,
    summaryTable(listed.summaries, 'per week'),
    marginTable(listed.summaries, 'per week'),
    `### Agreement with the community`,
    'The first ten of a topic in a week: nDCG@10 where a paper of the topic gains the logarithm of its early votes, and the share that belongs to the topic.',
    table(
      ['order', 'nDCG@10 by votes', 'belongs'],
      listed.agreement.map(({ system, value, precision }) => [system, f(value), f(precision)]),
    ),
    ...(digests ? digestTables(digests) : []),
  ].join('\n\n');
}

function digestTables({ fresh, settled }: NonNullable<Report['digests']>): string[] {
  return [
    `### Twenty digests for twenty made-up tastes`,
    'Precision of the first five, or of all where fewer came: in a new installation that knows four lists alone, and in one that knew other papers before. ✓ marks what had been judged relevant.',
    table(
      ['reader', 'topics', 'relevant', 'new', 'settled', 'the first five, settled'],
      settled.map((digest, n) => [
        digest.reader,
        digest.topics.join('; '),
        String(digest.relevant),
        `${fresh[n]!.precision5.toFixed(2)} of ${Math.min(5, fresh[n]!.chosen.length)}`,
        `${digest.precision5.toFixed(2)} of ${Math.min(5, digest.chosen.length)}`,
        digest.chosen
          .slice(0, 5)
          .map(
            ({ title, isRelevant }) => `${isRelevant ? '✓' : '✗'} ${title.replaceAll('|', '/').slice(0, 60)}`,
          )
          .join('<br>'),
      ]),
    ),
  ];
}

function summaryTable(summaries: readonly Summary[], per: string): string {
  return table(
    ['matcher', ...measureNames(per)],
    summaries
      .toSorted((a, b) => a.ndcg10PerList.value - b.ndcg10PerList.value)
      .map((one) => [
        one.system.startsWith('Broadsheet') ? `**${one.system}**` : one.system,
        ...measures.map((measure) => interval(one[measure])),
      ]),
  );
}

/** Ours against the best of the others, which for each measure may be another one. */
function marginTable(summaries: readonly Summary[], per: string): string {
  const rows = lengths.map((length) => {
    const isOf = ({ system }: Summary) => system.endsWith(`, ${lengthNames[length]}`);
    const own = summaries.find(({ system }) => system === ours(length))!;
    const margins = marginsOf(
      own,
      summaries.filter((one) => isOf(one) && one !== own),
    );
    return [lengthNames[length], ...measures.map((measure) => margin(margins, measure))];
  });
  return `What Broadsheet has over the best of the others, which is named, on the same resamplings:\n\n${table(['', ...measureNames(per)], rows)}`;
}

function margin(margins: Margins, measure: Measure): string {
  const { over, by } = margins[measure];
  return `${signed(by.value)} (${signed(by.low)} to ${signed(by.high)}), ${over.split(',')[0]}`;
}

const measureNames = (per: string): string[] => ['AUC', 'AP', 'P@10', 'nDCG@10', `nDCG@10 ${per}`];

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const f = (value: number): string => value.toFixed(3).replace(/^(-?)0/, '$1');
const signed = (value: number): string => (value < 0 ? f(value).replace('-', '−') : `+${f(value)}`);
const interval = ({ value, low, high }: Interval): string => `${f(value)} (${f(low)}–${f(high)})`;
