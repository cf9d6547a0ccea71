import { type Kysely, sql } from 'kysely';
import { parseQuery } from '../domain/matching/query.ts';
import { spellingsOf } from '../domain/matching/synonyms.ts';
import type { Phrase } from '../domain/matching/topic-scores.ts';
import { alternativesOf } from '../domain/topic.ts';
import type { Database } from './schema.ts';

/**
 * What definitions look for: their alternatives, each in all its spellings, read by Postgres, whose parser and
 * dictionaries made the papers' vectors too. By the definition's place.
 */
export async function readPhrases(db: Kysely<Database>, definitions: readonly string[]): Promise<Phrase[][]> {
  const wanted = definitions.flatMap((definition, place) =>
    alternativesOf(definition).map((text) => ({ place, text, spellings: spellingsOf(text) })),
  );
  const spellings = [...new Set(wanted.flatMap((one) => one.spellings))];
  const { rows } = await sql<{ spelling: string; query: string }>`
    select spelling, websearch_to_tsquery('english', spelling)::text query
    from unnest(${spellings}::text[]) spelling
  `.execute(db);
  const queries = new Map(rows.map(({ spelling, query }) => [spelling, query]));
  const phrases: Phrase[][] = definitions.map(() => []);
  const known = definitions.map(() => new Set<string>());
  for (const { place, text, spellings: own } of wanted) {
    // Equal stems ("VLM", "VLMs") are one phrase.
    const fresh = [...new Set(own.map((spelling) => queries.get(spelling)!))].filter(
      (query) => query !== '' && !known[place]!.has(query),
    );
    if (fresh.length === 0) continue;
    for (const query of fresh) known[place]!.add(query);
    const parts = fresh.map((query) => parseQuery(query)!);
    const query = parts.length === 1 ? parts[0]! : ({ kind: 'or', parts } as const);
    phrases[place]!.push({ text: text.replaceAll('"', ''), query });
  }
  return phrases;
}
