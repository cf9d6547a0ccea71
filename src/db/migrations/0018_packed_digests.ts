import { type Kysely, sql } from 'kysely';

/**
 * What a digest is made of, as bytes: half of what its row took. Rows that are there keep their numbers and are read through
 * `pack_composition`, so nothing is rewritten and an edition may be half-way; `composition` can go once the digests of
 * before are past their retention. Old workers can run beside it and their digests are read, but of new ones they throw
 * before anything is sent, and leave them to new workers: update all soon.
 */
const statements = [
  `alter table digests add column packed bytea, alter column composition drop not null,
    alter column composition drop default`,
  `alter table notices add column packed bytea, alter column composition drop not null,
    alter column composition drop default`,

  // The old layout is subject, day line, slot line, number of topics (its complement where the mail has no HTML), topics…,
  // then card and why for each paper. The new one, of the same numbers, is at \`pack\` in src/domain/digest.ts.
  `create function pack_composition(old integer[]) returns bytea language plpgsql immutable strict parallel safe as $$
  declare
    topics constant integer := case when old[4] < 0 then ~old[4] else old[4] end;
    numbers bigint[] := array[topics * 2 + (old[4] < 0)::int, old[3]]::bigint[] || old[5:4 + topics]::bigint[]
      || old[1]::bigint;
    before bigint := old[1];
    step bigint;
    rest bigint;
    bytes bytea := '';
  begin
    if cardinality(old) < 4 then return bytes; end if;
    for at in 0 .. (cardinality(old) - 3 - topics) / 2 loop
      step := case when at = 0 then old[2] else old[3 + topics + at * 2] end - before;
      before := before + step;
      numbers := numbers || case when step < 0 then -2 * step - 1 else 2 * step end;
      -- Of a damaged row the last may be missing, and is missing then: whoever unpacks it says so.
      if at > 0 and old[4 + topics + at * 2] is not null then
        numbers := numbers || old[4 + topics + at * 2]::bigint;
      end if;
    end loop;
    foreach rest in array numbers loop
      while rest > 127 loop
        bytes := bytes || set_byte('\\x00', 0, ((rest & 127) | 128)::int);
        rest := rest >> 7;
      end loop;
      bytes := bytes || set_byte('\\x00', 0, rest::int);
    end loop;
    return bytes;
  end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
