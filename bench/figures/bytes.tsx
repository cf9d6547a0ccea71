import { render, toPlainText } from 'react-email';
import type { Context } from '../../src/context.ts';
import { currentShellId } from '../../src/pipeline/shell.ts';
import { batchMembersMax, eachFragment } from '../../src/domain/digest.ts';
import type { MailedDigest } from '../../src/press/mailed-digest.ts';
import { layOut, putTogether } from '../../src/press/print.ts';
import { type Assembler, openAssembler } from '../../src/render/assemble.ts';
import { readStoredDigests } from '../pipeline/ready-mails.ts';
import { createPlainTable, type PlainDigest, readPlainDigest } from '../plain/digest-query.ts';
import { PlainMail } from '../plain/mail.tsx';
import { timeInTurns } from './rounds.ts';

/** Making the bytes of one digest: microseconds by React Email, and out of frozen fragments; a value a round. */
export interface Bytes {
  renderMicros: number[];
  assembleMicros: number[];
  /** HTML of the largest of these mails with ten papers. */
  tenPapersBytes: number;
}

const rounds = 5;
/** Fragments are so fast that one pass over the readers would be lost in noise. */
const passes = 10;

/** Both make the mails of the same readers; what to show is chosen before, and ours makes whole request bodies. */
export async function measureBytes(ctx: Context, date: string, readers: number): Promise<Bytes> {
  await createPlainTable(ctx.db);
  const rows = await readStoredDigests(ctx, date, readers);
  const shellId = await currentShellId(ctx);
  const digests: PlainDigest[] = [];
  for (const { subscriberId } of rows) {
    const digest = await readPlainDigest(ctx.db, subscriberId, date);
    if (digest && digest.papers.length > 0) digests.push(digest);
  }
  const byReact = async () => {
    for (const digest of digests) toPlainText(await render(<PlainMail digest={digest} date={date} />));
  };
  const assembler = await layReady(ctx, shellId, rows);
  const { keys } = ctx.config;
  let memory: ArrayBuffer | undefined;
  const byFragments = () => {
    for (let pass = 0; pass < passes; pass++)
      for (let at = 0; at < rows.length; at += batchMembersMax) {
        const digests = rows.slice(at, at + batchMembersMax);
        memory = putTogether(assembler, { shellId, keys, digests, memory }).buffer as ArrayBuffer;
      }
  };
  const times = await timeInTurns(rounds, rows.length, { one: byReact, other: byFragments });
  return {
    renderMicros: times.one.map((micros) => (micros * rows.length) / digests.length),
    assembleMicros: times.other.map((micros) => micros / passes),
    tenPapersBytes: await largestOfTen(digests, date),
  };
}

/** What the press has lying ready after its first batches. */
async function layReady(ctx: Context, shellId: number, digests: readonly MailedDigest[]): Promise<Assembler> {
  const ids = new Set<number>();
  for (const { composition } of digests) eachFragment(composition, (id) => ids.add(id));
  const fragments = await ctx.fragments.readFragments([...ids]);
  const assembler = openAssembler();
  layOut(assembler, { shells: new Map([[shellId, await ctx.fragments.readShell(shellId)]]), fragments });
  return assembler;
}

/** The papers of two readers make a digest of ten. */
async function largestOfTen(digests: readonly PlainDigest[], date: string): Promise<number> {
  let largest = 0;
  for (let n = 1; n < digests.length; n++) {
    const papers = [...digests[n - 1]!.papers, ...digests[n]!.papers].slice(0, 10);
    const html = await render(<PlainMail digest={{ ...digests[n]!, papers }} date={date} />);
    if (papers.length === 10) largest = Math.max(largest, Buffer.byteLength(html));
  }
  return largest;
}
