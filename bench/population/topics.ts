import { type Kysely, sql } from 'kysely';
import { matchTopics } from '../../src/db/matches.ts';
import type { Database } from '../../src/db/schema.ts';

export const topicsWanted = 2000;

/** Makes topics out of the pairs of words that titles say most, the commonest first, and matches them. */
export async function seedTopics(db: Kysely<Database>, titles: readonly string[]): Promise<number> {
  const definitions = commonest(titles, topicsWanted);
  await sql`insert into topics (kind, definition, name)
    select 'phrase', d, d from unnest(${definitions}::text[]) with ordinality t(d, place) order by place
    on conflict do nothing`.execute(db);
  await matchTopics(db);
  return definitions.length;
}

function commonest(titles: readonly string[], count: number): string[] {
  const seen = new Map<string, number>();
  for (const title of titles) {
    const said = title.toLowerCase().match(/[a-z]{4,}/g) ?? [];
    for (let at = 0; at + 2 <= said.length; at++) {
      const phrase = said.slice(at, at + 2).join(' ');
      seen.set(phrase, (seen.get(phrase) ?? 0) + 1);
    }
  }
  const byCount = [...seen].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return byCount.slice(0, count).map(([phrase]) => phrase);
}
