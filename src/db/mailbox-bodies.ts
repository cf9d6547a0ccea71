import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { sql, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

/** Where a mail lies in its request's unpacked bodies: its first byte, then the lengths of its HTML and its text. */
export type BodyCut = [start: number, html: number, text: number];

/** As large as a request to the mailbox may be, and a little more for what JSON writes shorter. */
const bodyBytesMax = 64 * 1024 * 1024;
/** The fastest: mails of one edition have most of their cards in common, and become a fourteenth even so. */
const quality = 1;

/**
 * Packs the bodies of a request's mails as one. Stored one by one they were most of what a batch cost the mailbox: 2.5 MB
 * in 1,300 pieces, each written to the log as well.
 */
export async function packBodies(
  mails: readonly { html: string; text: string }[],
): Promise<{ packed: Buffer; cuts: BodyCut[] }> {
  let start = 0;
  const bodies: Buffer[] = [];
  const cuts = mails.map((mail): BodyCut => {
    const [html, text] = [Buffer.from(mail.html), Buffer.from(mail.text)];
    bodies.push(html, text);
    const cut: BodyCut = [start, html.length, text.length];
    start += html.length + text.length;
    return cut;
  });
  return { packed: await pack(Buffer.concat(bodies, start)), cuts };
}

/** A mail's HTML and text out of the packed bodies of its request. */
export async function unpackBody(
  packed: Buffer,
  [start, html, text]: BodyCut,
): Promise<{ html: string; text: string }> {
  const all = await unpack(packed);
  const middle = start + html;
  return { html: all.toString('utf8', start, middle), text: all.toString('utf8', middle, middle + text) };
}

/**
 * Lets go of every mail that names somebody, in its lines or in its body, and leaves blanks where its body was among those
 * of its request. `pattern` is one for Postgres and for JavaScript, in lower case.
 */
export async function eraseFromMailbox(trx: Transaction<Database>, pattern: string): Promise<void> {
  await sql`
    delete from mailbox_messages where body_id is null
      and lower(concat_ws(' ', to_address, subject, html, text, headers::text)) ~ ${pattern}`.execute(trx);
  const { rows: bodies } = await sql<{ id: string }>`select id from mailbox_bodies order by id`.execute(trx);
  for (const { id } of bodies) await eraseFromBody(trx, id, pattern);
}

async function eraseFromBody(trx: Transaction<Database>, bodyId: string, pattern: string): Promise<void> {
  const { rows: mails } = await sql<{ id: string; cut: BodyCut; isNamed: boolean }>`
    select id, body_cut cut, lower(concat_ws(' ', to_address, subject, headers::text)) ~ ${pattern} "isNamed"
    from mailbox_messages where body_id = ${bodyId}`.execute(trx);
  const { rows } = await sql<{ packed: Buffer }>`
    select packed from mailbox_bodies where id = ${bodyId} for update`.execute(trx);
  if (!rows[0]) return;
  const all = await unpack(rows[0].packed);
  const names = new RegExp(pattern);
  const named = mails.filter(
    ({ isNamed, cut: [start, html, text] }) =>
      isNamed || names.test(all.toString('utf8', start, start + html + text).toLowerCase()),
  );
  if (named.length === 0) return;
  for (const { cut } of named) all.fill(' ', cut[0], cut[0] + cut[1] + cut[2]);
  await sql`update mailbox_bodies set packed = ${await pack(all)} where id = ${bodyId}`.execute(trx);
  await sql`delete from mailbox_messages where id = any(${named.map(({ id }) => id)}::uuid[])`.execute(trx);
}

async function pack(all: Buffer): Promise<Buffer> {
  return promisify(brotliCompress)(all, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
}

async function unpack(packed: Buffer): Promise<Buffer> {
  return promisify(brotliDecompress)(packed, { maxOutputLength: bodyBytesMax });
}
