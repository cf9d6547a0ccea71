/**
 * The first digest, which the welcome brings at once. It is chosen in the transaction that confirms, and stands on the
 * welcome's row; so a crash leaves both or neither. See docs/decisions/0009 for why it is no row of an edition.
 */
import { sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { packed, readHistory, seenIn } from '../db/digests.ts';
import { type Reader, readReader } from '../db/readers.ts';
import type { Database } from '../db/schema.ts';
import { readLastDigests } from '../db/subscribers.ts';
import { digestDistanceMs, localDateAt } from '../domain/cadence.ts';
import { type Composition, pack } from '../domain/digest.ts';
import { renderWelcomeDayline, renderWelcomeSubject } from '../render/fragments.ts';
import { type Mail, readMail } from '../render/mail.ts';
import { assembleMails } from './assembly.ts';
import { readCardPapers } from './card-papers.ts';
import { composeFragments } from './composition.ts';
import { explainPapers, selectPapers } from './selection.ts';
import { currentShellId } from './shell.ts';

export interface FirstDigest {
  localDate: string;
  /** The business clock's moment: its papers are those of that moment. */
  madeAt: Date;
  paperIds: number[];
}

/**
 * What a reader who confirms gets at once; undefined when nothing matches, or when a digest of theirs is so near
 * that another one would break RULES 5.
 */
export async function chooseFirstDigest(
  ctx: Context,
  trx: Transaction<Database>,
  subscriberId: number,
): Promise<FirstDigest | undefined> {
  const reader = await readReader(trx, subscriberId);
  if (!reader) return undefined;
  const madeAt = ctx.now();
  const localDate = localDateAt(reader.timeZone, madeAt);
  const last = (await readLastDigests(trx, [subscriberId])).get(subscriberId);
  const isTooNear =
    last && (last.localDate >= localDate || madeAt.getTime() - last.at.getTime() < digestDistanceMs);
  if (isTooNear) return undefined;
  const { index } = await ctx.indexes.at(madeAt);
  const histories = await readHistory(trx, [subscriberId], localDate);
  const chosen = selectPapers(reader, index, seenIn(histories.get(subscriberId)));
  if (chosen.length === 0) return undefined;
  return { localDate, madeAt, paperIds: chosen.map(({ paperId }) => paperId) };
}

/** What a welcome's mail was put together from, kept on its row so that it can be seen in the browser. */
export interface MadeFirstDigest {
  composition: Buffer;
  shellId: number;
  keyId: string;
}

/** The welcome's mail with these papers, as a digest has them. Undefined when none of them is there any more. */
export async function makeFirstDigest(
  ctx: Context,
  reader: Reader,
  first: FirstDigest,
): Promise<{ mail: Mail; made: MadeFirstDigest } | undefined> {
  const { localDate } = first;
  const candidates = await ctx.indexes.at(first.madeAt);
  const papers = await readCardPapers(ctx, first.paperIds);
  const chosen = explainPapers(
    reader,
    candidates.index,
    first.paperIds.filter((id) => papers.has(id)),
  );
  const lead = papers.get(chosen[0]?.paperId ?? 0);
  if (!lead) return undefined;
  const day = {
    localDate,
    papers: chosen.length,
    chosenFrom: candidates.index.papers,
    partial: candidates.partial,
    lacking: candidates.lacking,
  };
  const composition: Composition = {
    ...(await composeFragments(ctx, reader, chosen, { localDate, candidates, papers })),
    subject: await ctx.fragments.idOf(`welcome ${lead.id} ${lead.revision} ${chosen.length}`, () =>
      renderWelcomeSubject(lead.title, chosen.length - 1),
    ),
    dayline: await ctx.fragments.idOf(`welcome ${JSON.stringify(day)}`, () => renderWelcomeDayline(day)),
  };
  const made = {
    composition: pack(composition),
    shellId: await currentShellId(ctx),
    keyId: ctx.config.keys[0].id,
  };
  const { id: subscriberId, address, addressVersion } = reader;
  const row = { subscriberId, localDate, address, addressVersion, ...made };
  const [bytes] = await assembleMails(ctx, made.shellId, [row]);
  return { mail: readMail(bytes!), made };
}

/** A first digest as its welcome was mailed, by its date. */
export async function readFirstDigest(
  ctx: Context,
  subscriberId: number,
  localDate: string,
): Promise<MadeFirstDigest | undefined> {
  const { rows } = await sql<MadeFirstDigest>`
    select ${packed('n')} composition, shell_id "shellId", key_id "keyId" from notices n
    where subscriber_id = ${subscriberId} and local_date = ${localDate} and shell_id is not null
      and state in ('frozen', 'accepted', 'unknown') order by id desc limit 1`.execute(ctx.db);
  return rows[0];
}
