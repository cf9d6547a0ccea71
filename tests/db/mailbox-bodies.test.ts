import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eraseFromMailbox, unpackBody } from '../../src/db/mailbox-bodies.ts';
import { insertMailboxMessages, pruneMailboxMessages } from '../../src/db/mailbox-messages.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { readMails } from '../support/mails.ts';

let database: TestDatabase;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.deleteFrom('mailbox_messages').execute();
  await database.db.deleteFrom('mailbox_bodies').execute();
});

const at = new Date('2026-11-23T07:00:00Z');
const mailTo = (name: string, n: number) => ({
  id: `00000000-0000-4000-8000-00000000000${n}`,
  from: 'digest@papers.test',
  to: `${name}@uni.test`,
  subject: 'Papers',
  html: `<p>Überraschung 🎉, ${name}</p>`,
  text: `Für ${name}@uni.test`,
  headers: {},
  tags: {},
});
const mails = ['ada', 'kenji', 'lucia'].map(mailTo);

test('mails of one request are packed as one, and each is read as it came', async () => {
  await insertMailboxMessages(database.db, mails, at);
  expect(await readMails(database.db)).toMatchObject(mails.toReversed());
  expect(await database.db.selectFrom('mailbox_bodies').select('id').execute()).toHaveLength(1);
});

test('whoever is erased leaves blanks in what is packed, and the others of the request keep theirs', async () => {
  await insertMailboxMessages(database.db, mails, at);
  const before = await database.db
    .selectFrom('mailbox_messages')
    .select('body_cut')
    .where('to_address', '=', 'kenji@uni.test')
    .executeTakeFirstOrThrow();
  await database.db.transaction().execute((trx) => eraseFromMailbox(trx, 'kenji@uni[.]test'));
  expect(await readMails(database.db)).toMatchObject([mails[2], mails[0]]);
  const { packed } = await database.db
    .selectFrom('mailbox_bodies')
    .select('packed')
    .executeTakeFirstOrThrow();
  const { html, text } = await unpackBody(packed, before.body_cut!);
  expect((html + text).trim()).toBe('');
});

test('a mail that is addressed to another and names whom it is about goes as well', async () => {
  const forwarded = { ...mailTo('berta', 4), text: 'KENJI@uni.test wrote' };
  await insertMailboxMessages(database.db, [mails[0]!, forwarded], at);
  await database.db.transaction().execute((trx) => eraseFromMailbox(trx, 'kenji@uni[.]test'));
  expect(await readMails(database.db)).toMatchObject([mails[0]]);
});

test('bodies go with the last mail of their request, not before', async () => {
  await insertMailboxMessages(database.db, mails, at);
  await insertMailboxMessages(database.db, [mailTo('berta', 4)], at);
  const kept = async (keep: number) => {
    await pruneMailboxMessages(database.db, keep);
    const bodies = await database.db.selectFrom('mailbox_bodies').select('id').execute();
    return [(await readMails(database.db)).map(({ to }) => to), bodies.length];
  };
  expect(await kept(2)).toEqual([['berta@uni.test', 'lucia@uni.test'], 2]);
  expect(await kept(1)).toEqual([['berta@uni.test'], 1]);
});
