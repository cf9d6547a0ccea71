import { type Kysely, sql } from 'kysely';

/** The few papers that were withdrawn or hidden: each batch asks, before it is frozen, whether one of its hundreds is among them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index papers_gone on papers (id) where withdrawn_at is not null or hidden_at is not null`.execute(
    db,
  );
}
