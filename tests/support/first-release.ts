import { Kysely, Migrator, PostgresDialect } from 'kysely';
import type pg from 'pg';
import * as firstEdition from '../../src/db/migrations/0001_first_edition.ts';
import { addressHash } from '../../src/domain/address.ts';

/** The schema as the first release made it, and nothing newer. */
export async function migrateToFirstRelease(pool: pg.Pool): Promise<void> {
  const lent = { connect: () => pool.connect(), end: () => Promise.resolve() };
  const migrator = new Migrator({
    db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool: lent as unknown as pg.Pool }) }),
    provider: { getMigrations: () => Promise.resolve({ '0001_first_edition': firstEdition }) },
    migrationTableSchema: 'broadsheet',
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error as Error;
}

/**
 * An installation that has run for a while: papers of three days, three active readers, one who left and one who is
 * suppressed, yesterday's edition mailed to two of them, a notice, and the first one's complaint not worked off yet.
 */
export async function fillFirstRelease(pool: pg.Pool, suppressionKey: Buffer): Promise<void> {
  const hash = addressHash(suppressionKey, 'suppressed@uni.test');
  await pool.query(`
    insert into papers (key, title, abstract, authors, authors_count, published_at, url, votes, first_listed_on,
        content_sha256, search)
      select 'arxiv:2603.1' || lpad(n::text, 4, '0'), 'Robots that learn, part ' || n, 'We teach robots.', '{Ada}', 1,
        '2026-03-16T00:00:00Z', 'https://arxiv.org/abs/2603.1' || lpad(n::text, 4, '0'), n,
        date '2026-03-17' + n % 3, decode(md5(n::text), 'hex'), to_tsvector('english', 'Robots that learn, part ' || n)
      from generate_series(1, 12) n;
    insert into listings (source, listed_on, paper_id, place)
      select 'huggingface', first_listed_on, id, id from papers;
    insert into snapshots select id, '2026-03-19T12:00:00Z', votes, 0, null from papers;
    insert into source_days select 'huggingface', date '2026-03-17' + n, 'complete', 4, '2026-03-20T01:00:00Z', null
      from generate_series(0, 2) n;
    insert into topics (kind, definition, slug, name, matched_through)
      values ('phrase', 'robots', 'robots', 'Robots', 12);
    insert into matches select 1, id, 0.5, true from papers;
    insert into slots (time_zone, send_hour, weekdays, next_due_at, next_local_date, last_local_date)
      values ('UTC', 7, 127, '2026-03-20T07:00:00Z', '2026-03-20', '2026-03-19');
    insert into subscribers (address, status, slot_id, max_papers, confirmed_at, consent)
      select name || '@uni.test', case name when 'gone' then 'unsubscribed' else 'active' end, 1, 3,
        '2026-03-01T00:00:00Z', 'the form'
      from unnest('{ada,kenji,lucia,gone,suppressed}'::text[]) name;
    insert into follows select id, 1, 'follow' from subscribers;
    insert into tastes values (1, 5, 'more');
    insert into editions (date) values ('2026-03-19');
    insert into ranges (edition_date, slot_ids, from_id, to_id, made_at, expected, composed_at, audience, skipped)
      values ('2026-03-19', '{1}', 1, 2, '2026-03-19T07:00:00Z', 2, '2026-03-19T07:00:01Z', 2, '{}');
    insert into batches (edition_date, range_id, from_id, to_id, positions, state, key, receipt, settled_at)
      values ('2026-03-19', 1, 1, 2, '{0,1}', 'accepted', 'digest/2026-03-19/1/x', '{id-1,id-2}', '2026-03-19T07:00:02Z');
    create table digests_20260319 partition of digests for values from ('2026-03-19') to ('2026-03-20');
    insert into digests (subscriber_id, local_date, batch_id, position, paper_ids, composition, address, key_id, delivered_at)
      select id, '2026-03-19', 1, id - 1, '{12,11,10}', '{1,2,3,0,4,5,6,7,8,9}', address, 'a1', '2026-03-19T07:00:05Z'
      from subscribers where id <= 2;
    insert into notices (subscriber_id, kind, cause, address, state, settled_at)
      values (1, 'welcome', 'confirmed', 'ada@uni.test', 'accepted', '2026-03-01T00:00:00Z');
    insert into gates (transport, per_second) values ('mailbox', 100);
    insert into mailbox_messages (from_address, to_address, subject) values ('d@b.example', 'ada@uni.test', 'Papers')`);
  await pool.query(`do $$ begin execute format(
    'create table webhook_events_today partition of webhook_events for values from (%L) to (%L)',
    (now() at time zone 'utc')::date, (now() at time zone 'utc')::date + 1); end $$`);
  await pool.query(
    `insert into webhook_events (svix_id, type, body) values ('msg_1', 'email.complained', $1)`,
    [JSON.stringify({ type: 'email.complained', data: { tags: { digest: 'd-1-20260319' } } })],
  );
  await pool.query(
    `insert into suppressions (address_hash, reason, origin) values ($1, 'hard_bounce', 'webhook')`,
    [hash],
  );
}
