import { type Kysely, sql } from 'kysely';

/**
 * Vectors of papers and topics by an embedding model, and which papers are nearest to each topic. Empty where no model is
 * configured. Old workers can run beside it: they rank without.
 */
const statements = [
  `create table paper_vectors (
    paper_id integer primary key references papers on delete cascade,
    model text not null,
    text_md5 text not null,
    vector bytea not null
  )`,
  `create table topic_vectors (
    topic_id integer primary key references topics on delete cascade,
    model text not null,
    text_md5 text not null,
    vector bytea not null
  )`,
  `create table nearest_papers (
    topic_id integer not null references topics on delete cascade,
    paper_id integer not null references papers on delete cascade,
    nearness real not null,
    primary key (topic_id, paper_id)
  )`,
  `create index nearest_papers_paper on nearest_papers (paper_id)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
