import { type Kysely, sql } from 'kysely';

/** Indexes for search by names, organisations, categories and dates. Old workers can run beside it. */
const statements = [
  // An index wants a function that says it never changes. The slash keeps two people's names from reading as one.
  `create function names_vector(names text[]) returns tsvector language sql immutable parallel safe
    as $$ select to_tsvector('simple', array_to_string(names, ' / 0 / ')) $$`,
  `create index papers_authors on papers using gin (names_vector(authors))`,
  `create index papers_organization on papers using gin (names_vector(array[organization]))`,
  `create index papers_categories on papers using gin (categories)`,
  `create index papers_newest on papers (first_listed_on desc nulls last, votes desc, id)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
