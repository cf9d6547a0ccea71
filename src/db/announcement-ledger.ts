import { type Kysely, sql } from 'kysely';
import { type AnnouncementLedger, isSettled } from '../domain/announcement.ts';
import type { Database } from './schema.ts';

interface Counted {
  already: number;
  ledger: AnnouncementLedger | null;
  states: { state: string; reason: string | null; n: number }[];
}

/**
 * What became of an announcement's audience, as it was closed, or counted from its notices: one statement, one moment. Of a
 * million most were accepted, and those are counted in the index; only of the few others is the reason read.
 */
export async function readAnnouncementLedger(db: Kysely<Database>, id: number): Promise<AnnouncementLedger> {
  const { rows } = await sql<Counted>`
    select a.already, a.ledger, case when a.ledger is null then
      (select coalesce(json_agg(fate), '[]') from (
        select state, null reason, count(*)::int n from notices
        where announcement_id = a.id and state not in ('dropped', 'failed') group by state
        union all select state, reason, count(*)::int from notices
        where announcement_id = a.id and state in ('dropped', 'failed') group by state, reason) fate) end states
    from announcements a where a.id = ${id}
  `.execute(db);
  const counted = rows[0];
  return counted?.ledger ?? count(counted);
}

function count({ already, states }: Counted = { already: 0, ledger: null, states: [] }): AnnouncementLedger {
  const ledger: AnnouncementLedger = {
    audience: already,
    pending: 0,
    accepted: 0,
    skipped: already > 0 ? { already_mailed: already } : {},
    failed: {},
    unknown: 0,
  };
  for (const { state, reason, n } of states) {
    ledger.audience += n;
    if (state === 'accepted') ledger.accepted += n;
    else if (state === 'unknown') ledger.unknown += n;
    else if (state === 'dropped') ledger.skipped[reason ?? 'gone'] = n;
    // The transport's words differ from address to address; the ledger says what they come to.
    else if (state === 'failed') ledger.failed['refused'] = (ledger.failed['refused'] ?? 0) + n;
    else ledger.pending += n;
  }
  return ledger;
}

/** Closes announcements of which nothing is pending, with their ledgers. One that does not add up stays open. */
export async function closeSettledAnnouncements(db: Kysely<Database>): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from announcements a where closed_at is null and started_at is not null
      and (stopped_at is not null or walked_id >= through_id)
      and not exists (select 1 from notices n where n.announcement_id = a.id and n.state in ('composed', 'frozen'))
  `.execute(db);
  const closed: number[] = [];
  for (const { id } of rows) {
    const ledger = await readAnnouncementLedger(db, id);
    if (!isSettled(ledger)) continue;
    await db
      .updateTable('announcements')
      .set({ closed_at: sql<Date>`now()`, ledger: JSON.stringify(ledger) })
      .where('id', '=', id)
      .where('closed_at', 'is', null)
      .execute();
    closed.push(id);
  }
  return closed;
}
