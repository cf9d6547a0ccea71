import { sql } from 'kysely';
import type { TestContext } from './context.ts';

/** Every row of every table, partition and queue as text, bytes too: `table: (…)`. For asking whether a word is anywhere. */
export async function dumpDatabase(ctx: TestContext): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1`.execute(ctx.db);
  const lines: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ line: string }>`select t::text line from ${sql.raw(name)} t`.execute(ctx.db);
    lines.push(...rows.map(({ line }) => `${name}: ${line.replaceAll(/\\\\x([0-9a-f]+)/g, unhex)}`));
  }
  return lines;
}

function unhex(_: string, hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1');
}
