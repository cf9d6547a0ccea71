import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorkers } from '../../workers/all.ts';
import type { Context } from '../context.ts';
import { readAnnouncementLedger } from '../db/announcement-ledger.ts';
import {
  countAudience,
  deleteDraft,
  findStarted,
  insertDraft,
  readAnnouncementRow,
} from '../db/announcements.ts';
import { findOfferedTopic } from '../db/topics.ts';
import { normaliseAddress } from '../domain/address.ts';
import type { AnnouncementLedger } from '../domain/announcement.ts';
import { total } from '../domain/ledger.ts';
import { releaseAnnouncements, startAnnouncement } from '../pipeline/announce.ts';
import { drain, type Drained } from '../pipeline/drain.ts';
import { announcementTest, sendTest } from '../pipeline/send-test.ts';
import { announcementBytesMax, type AnnouncementTemplate, readAnnouncement } from '../render/announcement.ts';
import { inWords } from '../render/mjml-template.ts';
import { type Command, exitCodes, Failed, UsageError } from './command.ts';

export const announceCommand: Command = {
  usage: 'announce FILE.mjml [--topic SLUG] [--test ADDRESS | --dry-run | --yes] [--wait]',
  does: 'a mail to all readers or to one topic’s; --dry-run counts them, --wait hands it over here',
  options: {
    topic: { type: 'string' },
    test: { type: 'string' },
    'dry-run': { type: 'boolean' },
    yes: { type: 'boolean' },
    wait: { type: 'boolean' },
  },
  words: { least: 1, most: 1 },
  async run({ words, options, withContext, print }) {
    const file = words[0]!;
    const source = await readSource(file);
    const { template, faults } = await readAnnouncement(source);
    if (!template || faults.length > 0) {
      const lines = faults.map((fault) => `\n  ${inWords(fault)}`).join('');
      throw new Failed(`${file} is not ready to be mailed:${lines}`);
    }
    const test = readTestAddress(options['test']);
    const delivers = options['wait'] === true;
    return withContext(
      async (ctx) => {
        if (test) return tryOut(ctx, template, test, print);
        const topicId = await readTopic(ctx, options['topic']);
        const audience = await countAudience(ctx.db, topicId);
        const count = { subject: template.subject, audience, htmlBytes: Buffer.byteLength(template.html) };
        if (options['dry-run'] === true) {
          print({ ...count, started: false }, () => [`“${count.subject}” would go to ${readers(audience)}.`]);
          return exitCodes.done;
        }
        const isResumed = (await findStarted(ctx.db, source, topicId)) !== undefined;
        if (!isResumed && options['yes'] !== true) await confirm(template.subject, audience);
        return announce(ctx, { source, topicId, subject: template.subject }, { wait: delivers, print });
      },
      { delivers },
    );
  },
};

type Print = (result: object, lines: () => string[]) => void;

async function announce(
  ctx: Context,
  { source, topicId, subject }: { source: string; topicId: number | null; subject: string },
  { wait, print }: { wait: boolean; print: Print },
): Promise<number> {
  const before = await findStarted(ctx.db, source, topicId);
  const id = before ?? (await insertDraft(ctx.db, source));
  const started = await startAnnouncement(ctx, { id, topicId }, 'command line');
  if ('faults' in started) {
    if (before === undefined) await deleteDraft(ctx.db, id);
    throw new Failed(started.faults.map(inWords).join('\n'));
  }
  const drained = wait ? await handOverAll(ctx, started.id) : ({ done: true } as const);
  const ledger = await readAnnouncementLedger(ctx.db, started.id);
  const row = await readAnnouncementRow(ctx.db, started.id);
  const state = stateOf(row);
  print({ id: started.id, subject, started: started.isNew, state, ledger }, () => [
    started.isNew ? `“${subject}” is on its way.` : 'It was started before; nobody gets it twice.',
    `${state}: ${ledgerInWords(ledger)}`,
  ]);
  if (drained.done) return exitCodes.done;
  process.stderr.write(`${drained.reason}\n`);
  return exitCodes.failed;
}

/** Works with this process's workers until the announcement is over, at the pace that is its share. */
async function handOverAll(ctx: Context, id: number): Promise<Drained> {
  const workers = startWorkers(ctx, { ingests: false });
  try {
    for (;;) {
      await releaseAnnouncements(ctx);
      const drained = await drain(ctx, []);
      if (!drained.done) return drained;
      await releaseAnnouncements(ctx);
      const row = await readAnnouncementRow(ctx.db, id);
      if (row?.closedAt || row?.stoppedAt) return { done: true };
      await sleep(nextSetMs, undefined, { signal: ctx.signal });
    }
  } finally {
    await workers.close();
  }
}
const nextSetMs = 1_000;

function stateOf(row: { stoppedAt: Date | null; closedAt: Date | null } | undefined) {
  if (row?.stoppedAt) return 'stopped';
  return row?.closedAt ? 'closed' : 'under way';
}

async function tryOut(
  ctx: Context,
  template: AnnouncementTemplate,
  to: string,
  print: Print,
): Promise<number> {
  const tested = await sendTest(ctx, announcementTest(ctx, template, to), to);
  if ('fault' in tested) throw new Failed(`The test to ${to} was not accepted: ${tested.fault}`);
  print({ to, id: tested.id, subject: template.subject }, () => [`Accepted: a test to ${to}.`]);
  return exitCodes.done;
}

async function readSource(file: string): Promise<string> {
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size === undefined) throw new UsageError(`There is no file ${file}.`);
  if (size > announcementBytesMax) {
    throw new UsageError(`${file} is larger than ${announcementBytesMax / 1024} KB: no announcement is.`);
  }
  return readFile(file, 'utf8');
}

function readTestAddress(given: unknown): string | undefined {
  if (given === undefined) return undefined;
  const address = typeof given === 'string' ? normaliseAddress(given) : undefined;
  if (!address) throw new UsageError('--test needs an address that mail can go to.');
  return address;
}

async function readTopic(ctx: Context, slug: unknown): Promise<number | null> {
  if (typeof slug !== 'string') return null;
  const topic = await findOfferedTopic(ctx.db, slug);
  if (!topic)
    throw new UsageError(`There is no topic “${slug}”. Name one by its slug, like video-generation.`);
  return topic.id;
}

/** Nobody mails everybody by a slip: the number must be typed, or `--yes` said. */
async function confirm(subject: string, audience: number): Promise<void> {
  const question = `“${subject}” goes to ${readers(audience)}`;
  if (!process.stdin.isTTY) throw new UsageError(`${question}. Say --yes to send it, or --dry-run to count.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question}. Type ${audience} to send it: `);
  terminal.close();
  if (answer.trim() !== String(audience)) throw new UsageError('Nothing was sent.');
}

function readers(n: number): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? 'reader' : 'readers'}`;
}

function ledgerInWords(ledger: AnnouncementLedger): string {
  const { audience, accepted, pending, skipped, failed, unknown } = ledger;
  const reasons = Object.entries(skipped).map(([reason, n]) => `${reason.replaceAll('_', ' ')} ${n}`);
  return [
    `${accepted} of ${audience} accepted`,
    ...(pending > 0 ? [`${pending} pending`] : []),
    ...(reasons.length > 0 ? [`skipped: ${reasons.join(', ')}`] : []),
    ...(total(failed) > 0 ? [`${total(failed)} failed`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ].join(', ');
}
