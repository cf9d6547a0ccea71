import { hash } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';

const mark = '/* prepared */';

/**
 * Begins a statement that every batch asks: a connection has it parsed once, and planned for whatever is asked once
 * Postgres finds that as good, where it would be parsed and planned anew each time. For statements that name their
 * columns, since a prepared one fails when they change under it.
 */
export const prepared = sql.raw(mark);

/** A connection that prepares the statements marked so, each under a name of its own. */
export class PreparingClient extends pg.Client {
  // Whatever `query` may be asked in a dozen forms goes on as it is; Kysely asks with a text and its values.
  override query(...asked: unknown[]): never {
    const [text, values] = asked;
    const isMarked = typeof text === 'string' && asked.length === 2 && text.trimStart().startsWith(mark);
    const query = isMarked ? [{ name: nameOf(text), text, values }] : asked;
    return super.query(...(query as [string])) as never;
  }
}

const names = new Map<string, string>();

/** A statement is told from others by its whole text. There are a dozen, and they never change while a process runs. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known) return known;
  const name = hash('sha1', text);
  names.set(text, name);
  return name;
}
