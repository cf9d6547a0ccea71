/**
 * Reports of mail servers, from files, into the inbox that webhooks go into: `track` works both off, by one table. Each is
 * stored once by its content, so a file may be read again, whole or half; a crash leaves what was stored so far.
 */
import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import { findMailed, type Mailed } from '../db/mailed.ts';
import { storeWebhookEvent } from '../db/webhook-events.ts';
import { type BounceClass, classifyBounce } from '../domain/bounce.ts';
import type { Report, ReportedRecipient } from '../domain/server-report.ts';
import { readMailFiles } from '../sources/mail-files.ts';
import { readReportMail } from '../sources/report-mail.ts';
import { track } from './track.ts';

export interface ImportedReports {
  read: number;
  bounced: Partial<Record<BounceClass, number>>;
  complained: number;
  delivered: number;
  /** Read before. */
  known: number;
  /** Mails that are no such report, or of nothing that counts, by why. */
  ignored: Record<string, number>;
  rejected: { name: string; reason: string }[];
}

interface ReportMail {
  id: string;
  report: Report;
}

const chunkMails = 100;
const ofNoMail = 'of no mail of ours';

/** Reads every mail under a path and works off what it reports. */
export async function importReports(ctx: Context, path: string): Promise<ImportedReports> {
  const imported: ImportedReports = {
    read: 0,
    bounced: {},
    complained: 0,
    delivered: 0,
    known: 0,
    ignored: {},
    rejected: [],
  };
  let chunk: ReportMail[] = [];
  for await (const mail of readMailFiles(path)) {
    imported.read += 1;
    if ('reason' in mail) {
      imported.rejected.push(mail);
      continue;
    }
    const report = await readReportMail(mail.bytes);
    if (typeof report === 'string') count(imported.ignored, report);
    else chunk.push({ id: `report_${createHash('sha256').update(mail.bytes).digest('hex')}`, report });
    if (chunk.length < chunkMails) continue;
    await storeChunk(ctx, chunk, imported);
    chunk = [];
  }
  await storeChunk(ctx, chunk, imported);
  await track(ctx);
  return imported;
}

async function storeChunk(
  ctx: Context,
  chunk: readonly ReportMail[],
  imported: ImportedReports,
): Promise<void> {
  const mailed = await findReported(ctx, chunk);
  for (const [place, { id, report }] of chunk.entries()) {
    const found = mailed[place];
    const event = found && eventOf(report, found);
    if (!event) count(imported.ignored, ofNoMail);
    else if (
      !(await storeWebhookEvent(ctx.db, { svixId: id, type: event.type, body: JSON.stringify(event) }))
    )
      imported.known += 1;
    else if (event.type === 'email.complained') imported.complained += 1;
    else if (event.type === 'email.delivered') imported.delivered += 1;
    else
      count(
        imported.bounced,
        classifyBounce({ ...event.data.bounce!, diagnosticCodes: event.data.bounce!.diagnosticCode }),
      );
  }
}

interface Found {
  emailId: string;
  address: string | null;
}

/** The mail each report speaks of, by the Message-ID that only its reader's servers can know. */
async function findReported(ctx: Context, chunk: readonly ReportMail[]): Promise<(Found | undefined)[]> {
  const names = chunk.flatMap(({ report }) => report.mailIds.map((emailId) => ({ emailId })));
  if (names.length === 0) return [];
  const mailed = await findMailed(ctx.db, names);
  const byId = new Map<string, Mailed | undefined>(
    names.map(({ emailId }, place) => [emailId, mailed[place]]),
  );
  return chunk.map(({ report }) => {
    const emailId = report.mailIds.find((id) => byId.get(id));
    return emailId === undefined ? undefined : { emailId, address: byId.get(emailId)!.address };
  });
}

/** The report as Resend would have told it. */
function eventOf(report: Report, { emailId, address }: Found) {
  const at = report.at && report.at.getTime() <= Date.now() ? { created_at: report.at.toISOString() } : {};
  if (report.kind === 'complaint')
    return { type: 'email.complained', ...at, data: { email_id: emailId, bounce: undefined } };
  const { action, bounce } = outcomeOf(report.recipients, address);
  if (action === 'delivered')
    return { type: 'email.delivered', ...at, data: { email_id: emailId, bounce: undefined } };
  return { type: 'email.bounced', ...at, data: { email_id: emailId, bounce } };
}

/**
 * What became of the mail at the address that was mailed. Where only others are named, it had been passed on: the box it
 * was passed on to may be gone for good, and says little of the reader's own.
 */
function outcomeOf(recipients: readonly ReportedRecipient[], address: string | null) {
  const ours = recipients.find(
    ({ addresses }) => addresses.length === 0 || addresses.includes(address ?? ''),
  );
  const { action, diagnostics, isPermanent } =
    ours ?? recipients.find((one) => one.action === 'failed') ?? recipients[0]!;
  const bounce = { type: isPermanent ? 'Permanent' : 'Transient', diagnosticCode: diagnostics };
  const isHard = classifyBounce({ ...bounce, diagnosticCodes: diagnostics }) === 'hard';
  return { action, bounce: !ours && isHard ? { type: 'Transient', diagnosticCode: [] } : bounce };
}

function count<Name extends string>(counts: Partial<Record<Name, number>>, name: Name): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
