import type { Kysely } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import { type Agreement, agreementOn } from './agreement.ts';
import { isTuning, type LabelledPaper, readArxivPapers, readListedPapers } from './data.ts';
import { forgetPapers, storePapers } from './database.ts';
import { hasJudgedLists, type JudgedDigest, runDigests } from './digests-run.ts';
import { type LikesResult, likeCounts, runLikes } from './likes-run.ts';
import { mean } from './measures.ts';
import { byTopic, summarise, type Summary } from './summary.ts';
import { addBaselines, ours, scoreLists } from './topics-run.ts';

/** All that a run found out; `figures` are what floors are held against. */
export interface Evaluation {
  figures: Record<string, number>;
  report?: Report;
}

export interface Report {
  arxiv: {
    papers: number;
    before: number;
    lists: number;
    summaries: Summary[];
    topics: ReturnType<typeof byTopic>;
  };
  listed: { papers: number; before: number; lists: number; summaries: Summary[]; agreement: Agreement[] };
  digests: { fresh: JudgedDigest[]; settled: JudgedDigest[] } | undefined;
  likes: { system: string; byCount: { likes: number; auc: number; ndcg50: number }[] }[];
}

const resamplings = 100;
const quickDays = 3;

export async function evaluateAll(db: Kysely<Database>, say: (line: string) => void): Promise<Evaluation> {
  const arxiv = readArxivPapers();
  const [before, after] = [arxiv.filter(isTuning), arxiv.filter((paper) => !isTuning(paper))];
  const days = listsBy(after, ({ day }) => day);
  const lists = await scoreLists(db, before, days);
  await addBaselines(db, lists);
  const summaries = summarise(lists, resamplings);
  say(`set A: ${after.length} papers on ${days.length} days`);
  const likes = await runLikes(db, before, after);
  say(`likes: ${likes.length} draws`);

  await forgetPapers(db);
  const listed = readListedPapers();
  const known = listed.slice(0, Math.floor(listed.length / 2));
  const rest = listed.slice(known.length);
  const weeks = listsBy(rest, ({ day }) => weekOf(day));
  const weekly = await scoreLists(db, known, weeks);
  await addBaselines(db, weekly);
  const report: Report = {
    arxiv: {
      papers: after.length,
      before: before.length,
      lists: days.length,
      summaries,
      topics: byTopic(lists, ours('full')),
    },
    listed: {
      papers: rest.length,
      before: known.length,
      lists: weeks.length,
      summaries: summarise(weekly, resamplings),
      agreement: agreementOn(weekly),
    },
    likes: likesBySystem(likes),
    digests: hasJudgedLists ? await judgeDigests(db, listed) : undefined,
  };
  return { figures: figuresOf(report), report };
}

/** In a new installation that knows these lists alone, and in one that has known other papers for a while. */
async function judgeDigests(
  db: Kysely<Database>,
  known: readonly LabelledPaper[],
): Promise<NonNullable<Report['digests']>> {
  await forgetPapers(db);
  const fresh = await runDigests(db);
  await forgetPapers(db);
  await storePapers(db, known);
  return { fresh, settled: await runDigests(db) };
}

/** A few of the reporting days and no baselines: for the test suite. */
export async function evaluateQuickly(db: Kysely<Database>): Promise<Evaluation> {
  const arxiv = readArxivPapers();
  const before = arxiv.filter(isTuning);
  const days = listsBy(
    arxiv.filter((paper) => !isTuning(paper)),
    ({ day }) => day,
  ).slice(0, quickDays);
  const lists = await scoreLists(db, before, days, ['full']);
  const [summary] = summarise(lists, 0);
  const after = days.flatMap(({ papers }) => papers);
  const likes = await runLikes(db, before, after, { draws: 1, counts: [10], which: ['full'] });
  const mixed = likes.filter(({ system }) => system === 'topic (full) and likes');
  return {
    figures: {
      'AUC from definitions': summary!.auc.value,
      'nDCG@10 per day from definitions': summary!.ndcg10PerList.value,
      'AUC with ten likes': mean(mixed.map(({ auc }) => auc)),
      'nDCG@50 with ten likes': mean(mixed.map(({ ndcg50 }) => ndcg50)),
    },
  };
}

function figuresOf({ arxiv, listed, likes, digests }: Report): Record<string, number> {
  const own = (summaries: readonly Summary[], system: string) =>
    summaries.find((summary) => summary.system === system)!;
  const [full, six] = [own(arxiv.summaries, ours('full')), own(arxiv.summaries, ours('six'))];
  const ten = likes
    .find(({ system }) => system === 'topic (full) and likes')!
    .byCount.find((point) => point.likes === 10)!;
  return {
    'AUC from definitions': full.auc.value,
    'nDCG@10 per day from definitions': full.ndcg10PerList.value,
    'AUC from six phrases': six.auc.value,
    'nDCG@10 per day from six phrases': six.ndcg10PerList.value,
    'AUC with ten likes': ten.auc,
    'nDCG@50 with ten likes': ten.ndcg50,
    'AUC on Hugging Face': own(listed.summaries, ours('full')).auc.value,
    'nDCG@10 per week on Hugging Face': own(listed.summaries, ours('full')).ndcg10PerList.value,
    ...(digests && {
      'precision@5 of twenty digests, new installation': precisionOf(digests.fresh),
      'precision@5 of twenty digests': precisionOf(digests.settled),
    }),
    'agreement with votes': listed.agreement.find(({ system }) => system.startsWith('Broadsheet'))!.value,
  };
}

const precisionOf = (digests: readonly JudgedDigest[]): number =>
  mean(digests.map(({ precision5 }) => precision5));

function likesBySystem(results: readonly LikesResult[]): Report['likes'] {
  const systems = [...new Set(results.map(({ system }) => system))];
  return systems.map((system) => ({
    system,
    byCount: likeCounts.map((likes) => {
      const own = results.filter((result) => result.system === system && result.likes === likes);
      return { likes, auc: mean(own.map(({ auc }) => auc)), ndcg50: mean(own.map(({ ndcg50 }) => ndcg50)) };
    }),
  }));
}

function listsBy(
  papers: readonly LabelledPaper[],
  nameOf: (paper: LabelledPaper) => string,
): { name: string; papers: LabelledPaper[] }[] {
  const lists = new Map<string, LabelledPaper[]>();
  for (const paper of papers) lists.set(nameOf(paper), [...(lists.get(nameOf(paper)) ?? []), paper]);
  return [...lists].map(([name, own]) => ({ name, papers: own }));
}

/** The Monday of a day's week. */
function weekOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}
