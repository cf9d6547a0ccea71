import type { Context } from 'hono';
import type { Transaction } from 'kysely';

import { addMailboxUsage, holdMailboxUsage } from '../db/mailbox-usage.ts';
import type { Database } from '../db/schema.ts';
import { type Acceptance, type AcceptedMail, failure } from './acceptance.ts';

export interface QuotaOptions {
  /** Recipients a UTC day and a UTC month, as of Resend's plans; none unless set. */
  dailyQuota?: number;
  monthlyQuota?: number;
}

/**
 * The refusal of mails that a quota has no room for, and the headers that say how much is used. What fits is counted, in
 * the transaction that takes the mails.
 */
export async function refuseOverQuota(
  c: Context,
  trx: Transaction<Database>,
  { dailyQuota, monthlyQuota }: QuotaOptions,
  mails: readonly AcceptedMail[],
  now: Date,
): Promise<Acceptance | undefined> {
  if (dailyQuota === undefined && monthlyQuota === undefined) return undefined;
  const today = now.toISOString().slice(0, 10);
  const used = await holdMailboxUsage(trx, today);
  const wanted = mails.reduce((sum, { recipients }) => sum + recipients.length, 0);
  const isOverMonth = monthlyQuota !== undefined && used.month + wanted > monthlyQuota;
  const isOverDay = dailyQuota !== undefined && used.day + wanted > dailyQuota;
  const counted = isOverMonth || isOverDay ? 0 : wanted;
  if (dailyQuota !== undefined) c.header('x-resend-daily-quota', String(used.day + counted));
  c.header('x-resend-monthly-quota', String(used.month + counted));
  if (isOverMonth) {
    return failure(429, 'monthly_quota_exceeded', 'You have exceeded your monthly email sending quota.');
  }
  if (isOverDay)
    return failure(429, 'daily_quota_exceeded', 'You have exceeded your daily email sending quota.');
  await addMailboxUsage(trx, today, wanted);
  return undefined;
}
