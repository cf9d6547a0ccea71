import { expect, test } from 'vitest';
import { receiptColumns } from '../../src/db/receipts.ts';

const uuid = '4ef9a417-02e9-4d39-ad75-9611e0fcc33c';

test.each([
  ['UUIDs', [uuid, uuid]],
  ['UUIDs beside members that were refused', [null, uuid, null]],
])('a receipt of %s is kept as UUIDs', (_, ids) => {
  expect(receiptColumns(ids)).toEqual({ receipt: null, receipt_uuids: ids });
});

// Postgres would give a UUID back in its own spelling, and webhooks name a mail by the provider's.
test.each([
  ['Message-IDs', ['<1@mail.test>']],
  ['one id that is none among UUIDs', [uuid, '49a3999c']],
  ['UUIDs in capitals', [uuid.toUpperCase()]],
  ['UUIDs without dashes', [uuid.replaceAll('-', '')]],
])('a receipt of %s is kept to the letter', (_, ids) => {
  expect(receiptColumns(ids)).toEqual({ receipt: ids, receipt_uuids: null });
});

test('no receipt is none of either kind', () => {
  expect(receiptColumns(undefined)).toEqual({ receipt: null, receipt_uuids: null });
});
