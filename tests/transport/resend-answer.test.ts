import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answer, type Asked, readReceipt } from '../../src/transport/resend-answer.ts';

const now = new Date('2026-11-23T17:00:00Z');
const single: Asked = { kind: 'single', members: 1, silence: 'no_answer', now };
const a = 'ae2014de-c168-4c61-8267-70d2662a1ce1';
const b = 'faccb7a5-8a28-4e9a-ac64-8da1cc3bc1cb';

/** Every answer of Resend's error catalogue, and what it means for the mails. */
const catalogue: [status: number, name: string, outcome: string][] = [
  [400, 'invalid_idempotency_key', 'refused'],
  [400, 'validation_error', 'refused'],
  [401, 'missing_api_key', 'halt'],
  [401, 'restricted_api_key', 'halt'],
  [403, 'restricted_api_key', 'halt'],
  [403, 'suspended_api_key', 'halt'],
  [403, 'invalid_permission', 'halt'],
  [403, 'invalid_api_key', 'halt'],
  [403, 'email_above_quota', 'halt'],
  [403, 'validation_error', 'halt'],
  [403, 'a_name_of_tomorrow', 'halt'],
  [404, 'not_found', 'halt'],
  [405, 'method_not_allowed', 'halt'],
  [408, 'request_timeout', 'lost'],
  [409, 'concurrent_idempotent_requests', 'busy'],
  [409, 'invalid_idempotent_request', 'conflict'],
  [409, 'resource_locked', 'wait'],
  [409, 'a_name_of_tomorrow', 'busy'],
  [413, 'payload_too_large', 'refused'],
  [421, 'misdirected_request', 'lost'],
  [422, 'missing_required_field', 'refused'],
  [422, 'missing_required_parameter', 'refused'],
  [422, 'invalid_parameter', 'refused'],
  [422, 'invalid_from_address', 'refused'],
  [422, 'validation_error', 'refused'],
  [423, 'locked', 'wait'],
  [425, 'too_early', 'wait'],
  [429, 'rate_limit_exceeded', 'wait'],
  [429, 'daily_quota_exceeded', 'parked'],
  [429, 'monthly_quota_exceeded', 'parked'],
  [429, 'a_name_of_tomorrow', 'wait'],
  [451, 'security_error', 'halt'],
  [500, 'application_error', 'lost'],
  [500, 'internal_server_error', 'lost'],
  [502, 'application_error', 'lost'],
  [503, 'service_unavailable', 'lost'],
  [503, 'rate_limit_exceeded', 'lost'],
  [302, 'application_error', 'lost'],
];

test.each(catalogue)('HTTP %i %s: %s', (statusCode, name, outcome) => {
  const receipt = readReceipt(failed({ statusCode, name, message: 'Because.' }), single);
  expect(receipt).toMatchObject({ outcome, code: name });
});

describe('an error that is not as Resend words it', () => {
  test('counts by its name where only one status has that name', () => {
    expect(readReceipt(failed({ name: 'rate_limit_exceeded' }), single)).toMatchObject({ outcome: 'wait' });
    expect(readReceipt(failed({ name: 'suspended_api_key' }), single)).toMatchObject({ outcome: 'halt' });
  });

  test.each([
    {},
    [],
    'no',
    7,
    true,
    { name: 'validation_error' },
    { name: 'constructor' },
    { statusCode: '422' },
  ])('is lost when it has no status: %j', (error) => {
    expect(readReceipt(failed(error), single)).toMatchObject({ outcome: 'lost', code: expect.any(String) });
  });

  test.each([null, 0, '', false])(
    'is lost when its body is %j, which the SDK takes for no error',
    (error) => {
      expect(readReceipt({ data: null, error, headers: {} }, single)).toMatchObject({ outcome: 'lost' });
    },
  );

  test('has its words made fit for a page', () => {
    const message = `One\r\ntwo\u202e ${'x'.repeat(5_000)}\0`;
    const receipt = readReceipt(failed({ statusCode: 422, name: 'validation_error\n', message }), single);
    expect(receipt).toHaveProperty('code', 'validation_error');
    expect(receipt).toHaveProperty('reason', expect.stringMatching(/^One two\s+x+$/));
    expect((receipt as { reason: string }).reason.length).toBeLessThanOrEqual(300);
  });
});

describe('when to ask again', () => {
  const cases: [headers: Record<string, string>, retryAfterMs: number][] = [
    [{}, 1_000],
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after': '0' }, 100],
    [{ 'retry-after': '-5' }, 100],
    [{ 'retry-after': '86400' }, 60_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 17:00:07 GMT' }, 7_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 16:00:00 GMT' }, 100],
    [{ 'retry-after': 'soon' }, 1_000],
    [{ 'retry-after': '' }, 1_000],
    [{ 'ratelimit-reset': '3' }, 3_000],
    [{ 'retry-after': '1', 'ratelimit-reset': '3' }, 1_000],
  ];
  test.each(cases)('%j: %i ms', (headers, retryAfterMs) => {
    const error = { statusCode: 429, name: 'rate_limit_exceeded', message: '' };
    expect(readReceipt(failed(error, headers), single)).toMatchObject({ outcome: 'wait', retryAfterMs });
  });
});

describe('a quota', () => {
  const cases: [name: string, date: string | undefined, now: string, until: string][] = [
    ['daily_quota_exceeded', undefined, '2026-11-23T17:00:00Z', '2026-11-24T00:00:00.000Z'],
    ['daily_quota_exceeded', undefined, '2026-12-31T23:59:59Z', '2027-01-01T00:00:00.000Z'],
    [
      'daily_quota_exceeded',
      'Tue, 24 Nov 2026 00:00:01 GMT',
      '2026-11-23T23:59:58Z',
      '2026-11-25T00:00:00.000Z',
    ],
    [
      'daily_quota_exceeded',
      'Thu, 01 Jan 1970 00:00:00 GMT',
      '2026-11-23T17:00:00Z',
      '2026-11-24T00:00:00.000Z',
    ],
    ['daily_quota_exceeded', 'yesterday', '2026-11-23T17:00:00Z', '2026-11-24T00:00:00.000Z'],
    ['monthly_quota_exceeded', undefined, '2026-11-23T17:00:00Z', '2026-12-01T00:00:00.000Z'],
    ['monthly_quota_exceeded', undefined, '2026-12-23T17:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['monthly_quota_exceeded', undefined, '2027-01-31T17:00:00Z', '2027-02-01T00:00:00.000Z'],
  ];
  test.each(cases)('%s with Date %s at %s parks until %s', (name, date, at, until) => {
    const error = { statusCode: 429, name, message: '' };
    const receipt = readReceipt(failed(error, date ? { date } : {}), { ...single, now: new Date(at) });
    expect(receipt).toMatchObject({ outcome: 'parked', code: name, until: new Date(until) });
  });
});

describe('the limit', () => {
  const cases: [headers: Record<string, string>, limits: object][] = [
    [{}, {}],
    [{ 'ratelimit-limit': '10', 'ratelimit-policy': '10;w=1' }, { perSecond: 10 }],
    [{ 'ratelimit-limit': '2' }, { perSecond: 2 }],
    [{ 'ratelimit-policy': '100; w=10' }, { perSecond: 10 }],
    [{ 'ratelimit-policy': '"default";q=20;w=2' }, { perSecond: 10 }],
    [{ 'ratelimit-policy': '1;w=4' }, { perSecond: 0.25 }],
    [{ 'ratelimit-limit': 'lots' }, {}],
    [{ 'ratelimit-limit': '0' }, {}],
    [{ 'ratelimit-limit': '10', 'ratelimit-policy': '10;w=0' }, {}],
  ];
  test.each(cases)('%j: %j', (headers, limits) => {
    expect(readReceipt({ data: { id: a }, error: null, headers }, single).limits).toEqual(limits);
    expect(readReceipt(failed({ statusCode: 422, name: 'x' }, headers), single).limits).toEqual(limits);
  });
});

describe('a batch', () => {
  test('has its ids by place, around the refused members', () => {
    const data = { data: [{ id: a }, { id: b }], errors: [{ index: 1, message: 'Invalid `to` field.' }] };
    expect(receiptOf(data, 3)).toEqual({
      outcome: 'accepted',
      ids: [a, null, b],
      refused: [{ index: 1, reason: 'Invalid `to` field.' }],
      limits: {},
    });
  });

  test.each([undefined, null, []])('is whole with errors %j', (errors) => {
    expect(receiptOf({ data: [{ id: a }, { id: b }], errors }, 2)).toMatchObject({
      outcome: 'accepted',
      ids: [a, b],
    });
  });

  test('may be refused in every member', () => {
    const errors = [{ index: 1, message: 'No.' }, { index: 0 }];
    expect(receiptOf({ data: [], errors }, 2)).toMatchObject({
      outcome: 'accepted',
      ids: [null, null],
      refused: [{ index: 0 }, { index: 1 }],
    });
  });

  test('takes ids that are no UUIDs', () => {
    expect(receiptOf({ data: [{ id: 'email_1' }] }, 1)).toMatchObject({
      outcome: 'accepted',
      ids: ['email_1'],
    });
  });

  const senseless: [what: string, data: unknown][] = [
    ['too few ids', { data: [{ id: a }] }],
    ['too many ids', { data: [{ id: a }, { id: b }, { id: a }] }],
    ['an id too many beside an error', { data: [{ id: a }, { id: b }], errors: [{ index: 0 }] }],
    ['no ids', {}],
    ['null', null],
    ['a list', [{ id: a }, { id: b }]],
    ['ids that are no list', { data: { id: a } }],
    ['an empty id', { data: [{ id: a }, { id: '' }] }],
    ['an id that is a number', { data: [{ id: a }, { id: 7 }] }],
    ['an id that no column holds', { data: [{ id: a }, { id: 'x\0' }] }],
    ['an endless id', { data: [{ id: a }, { id: 'x'.repeat(5_000) }] }],
    ['an entry that is null', { data: [{ id: a }, null] }],
    ['an error beyond the end', { data: [{ id: a }], errors: [{ index: 2 }] }],
    ['an error before the start', { data: [{ id: a }], errors: [{ index: -1 }] }],
    ['an error between places', { data: [{ id: a }], errors: [{ index: 0.5 }] }],
    ['an error whose place is text', { data: [{ id: a }], errors: [{ index: '1' }] }],
    ['an error without a place', { data: [{ id: a }], errors: [{ message: 'No.' }] }],
    ['one place refused twice', { data: [], errors: [{ index: 1 }, { index: 1 }] }],
    ['errors that are no list', { data: [{ id: a }, { id: b }], errors: 'none' }],
  ];
  test.each(senseless)('with %s is lost: nobody knows who was accepted', (_what, data) => {
    expect(receiptOf(data, 2)).toMatchObject({ outcome: 'lost', code: 'answer_mismatch' });
  });

  test('maps every member exactly once, whichever are refused', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 100 }), (taken) => {
        const data = taken.flatMap((isTaken, index) => (isTaken ? [{ id: `id-${index}` }] : []));
        const errors = taken
          .flatMap((isTaken, index) => (isTaken ? [] : [{ index, message: 'No.' }]))
          .toReversed();
        const receipt = receiptOf({ data, errors }, taken.length);
        expect(receipt).toMatchObject({
          outcome: 'accepted',
          ids: taken.map((isTaken, index) => (isTaken ? `id-${index}` : null)),
          refused: errors.toReversed().map(({ index }) => ({ index, reason: 'No.' })),
        });
      }),
    );
  });
});

test.each([null, {}, [], { id: '' }, { id: 1 }, { data: [{ id: a }] }, 'ok'])(
  'a single answer %j is lost',
  (data) => {
    expect(readReceipt({ data, error: null, headers: {} }, single)).toMatchObject({
      outcome: 'lost',
      code: 'answer_mismatch',
    });
  },
);

test('no answer, however odd, throws or passes for accepted by accident', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.integer({ min: 1, max: 3 }), (data, error, members) => {
      const receipt = readReceipt({ data, error, headers: {} }, { ...single, kind: 'batch', members });
      const places = receipt.outcome === 'accepted' ? receipt.ids.length : members;
      expect(places).toBe(members);
    }),
    { numRuns: 1_000 },
  );
});

function receiptOf(data: unknown, members: number) {
  return readReceipt({ data, error: null, headers: {} }, { ...single, kind: 'batch', members });
}

function failed(error: unknown, headers: Record<string, string> = {}): Answer {
  return { data: null, error, headers };
}
