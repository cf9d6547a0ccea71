import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BounceClass,
  classifyBounce,
  enhancedStatus,
  providerRules,
  statusRules,
} from '../../src/domain/bounce.ts';

const types = ['Permanent', 'Transient', 'Temporary', 'Undetermined', undefined];
const report = (diagnostic: string, type = 'Permanent', subType = 'General') => ({
  type,
  subType,
  diagnosticCodes: [diagnostic],
});

describe('by enhanced status code', () => {
  test.each<[string, BounceClass]>([
    ['smtp; 550 5.1.1 user unknown', 'hard'],
    ['smtp; 550-5.1.1 The email account that you tried to reach does not exist.', 'hard'],
    ['smtp; 550 5.1.2 bad destination system', 'hard'],
    ['smtp; 501 5.1.3 bad address syntax', 'hard'],
    ['smtp; 550 5.1.6 mailbox has moved', 'hard'],
    ['smtp; 556 5.1.10 domain has a null MX', 'hard'],
    ['smtp; 550 5.2.1 mailbox disabled', 'hard'],
    ['smtp; 452 4.2.2 mailbox full', 'soft'],
    ['smtp; 552 5.2.2 over quota', 'soft'],
    ['smtp; 552 5.2.3 message too long', 'content'],
    ['smtp; 552 5.3.4 message too big for system', 'content'],
    ['smtp; 554 5.6.0 media error', 'content'],
    ['smtp; 554 5.6.7 no international addresses', 'content'],
    ['smtp; 451 4.3.0 try again', 'soft'],
    ['smtp; 451 4.4.1 no answer', 'soft'],
    ['smtp; 451 4.4.7 message expired', 'soft'],
    ['smtp; 550 5.4.1 Recipient address rejected: Access denied', 'soft'],
    ['smtp; 550 5.4.4 no route', 'soft'],
    ['smtp; 550 5.7.1 refused by policy', 'policy'],
    ['smtp; 550 5.7.26 unauthenticated mail is prohibited', 'policy'],
    ['smtp; 550 5.7.515 Access denied, sending domain does not pass', 'policy'],
    ['smtp; 451 4.7.0 greylisted', 'policy'],
    ['smtp; 421 4.7.28 unusual rate', 'policy'],
    ['smtp; 550 5.0.0 no reason given', 'soft'],
    ['smtp; 450 4.0.0 no reason given', 'soft'],
    ['smtp; 550 5.1.0 address rejected', 'soft'],
    ['smtp; 553 5.1.7 malformed sender', 'policy'],
    ['smtp; 550 5.1.8 sender domain does not exist', 'policy'],
    ['smtp; 451 4.1.8 sender domain does not resolve', 'policy'],
    ['smtp; 450 4.2.1 mailbox busy', 'soft'],
  ])('%s is %s, whatever the provider calls it', (diagnostic, is) => {
    for (const type of types) {
      expect(classifyBounce({ ...report(diagnostic), ...(type && { type }) })).toBe(is);
      expect(classifyBounce({ ...report(diagnostic, type, 'NoEmail') })).toBe(is);
    }
  });

  test('a permanent bounce for the sender’s fault never counts against an address', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(4, 5),
        fc.nat({ max: 999 }),
        fc.constantFrom(...types),
        (first, last, type) => {
          expect(classifyBounce(report(`smtp; 550 ${first}.7.${last} no`, type ?? '', 'NoEmail'))).toBe(
            'policy',
          );
        },
      ),
    );
  });

  test('a transient code is never hard', () => {
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.nat({ max: 99 }), (subject, detail) => {
        expect(classifyBounce(report(`450 4.${subject}.${detail} later`))).not.toBe('hard');
      }),
    );
  });

  test('the first code that says anything decides', () => {
    const codes = ['smtp; no code here', 'smtp; 550 5.7.1 policy', 'smtp; 550 5.1.1 unknown'];
    expect(classifyBounce({ type: 'Permanent', diagnosticCodes: codes })).toBe('policy');
  });
});

test('a code of the protocol leaves it to the provider: Outlook says 5.5.0 of mailboxes that are gone', () => {
  expect(classifyBounce(report('smtp; 550 5.5.0 mailbox unavailable'))).toBe('hard');
  expect(classifyBounce(report('smtp; 503 5.5.1 bad sequence', 'Transient'))).toBe('soft');
});

test('the table in the manual is the one that decides', () => {
  const manual = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
  const rows = [...manual.matchAll(/^\| `([^`]+)` \| (hard|soft|policy|content) \| (.+?) +\|$/gm)];
  expect(rows.map(([, says, is, means]) => ({ says, is, means }))).toEqual([
    ...statusRules,
    ...providerRules,
  ]);
});

describe('by the provider’s words, where no code is given', () => {
  test.each<[string | undefined, string | undefined, BounceClass]>([
    ['Permanent', 'General', 'hard'],
    ['Permanent', 'NoEmail', 'hard'],
    ['Permanent', 'Suppressed', 'hard'],
    ['Permanent', 'OnAccountSuppressionList', 'policy'],
    ['Permanent', undefined, 'hard'],
    ['Transient', 'General', 'soft'],
    ['Transient', 'MailboxFull', 'soft'],
    ['Temporary', undefined, 'soft'],
    ['Transient', 'MessageTooLarge', 'content'],
    ['Transient', 'ContentRejected', 'content'],
    ['Transient', 'AttachmentRejected', 'content'],
    ['Undetermined', 'Undetermined', 'soft'],
    [undefined, undefined, 'soft'],
    ['Permanent', 'constructor', 'hard'],
    ['Transient', 'toString', 'soft'],
    ['Transient', '__proto__', 'soft'],
  ])('%s, %s: %s', (type, subType, is) => {
    expect(classifyBounce({ ...(type && { type }), ...(subType && { subType }), diagnosticCodes: [] })).toBe(
      is,
    );
  });

  test('any report at all gets one of the four classes', () => {
    const anyReport = fc.record({
      type: fc.string(),
      subType: fc.string(),
      diagnosticCodes: fc.array(fc.string({ unit: 'binary' })),
    });
    fc.assert(
      fc.property(anyReport, (any) => {
        expect(['hard', 'soft', 'policy', 'content']).toContain(classifyBounce(any));
      }),
    );
  });
});

test.each([
  ['smtp; 550 5.1.1 unknown', '5.1.1'],
  ['550 5.1.1.', '5.1.1'],
  ['550-5.7.26, see https://example.org', '5.7.26'],
  ['5.1.1', '5.1.1'],
  ['(4.4.7)', '4.4.7'],
  ['host 4.12.31.100 said no', undefined],
  ['host mx.example[5.188.2.1] said: 550 5.1.1 no', '5.1.1'],
  ['Postfix 2.11.0 said: 550 5.1.1 no', '5.1.1'],
  ['version 15.20.4', undefined],
  ['5.1.1234', undefined],
  ['550 no such user', undefined],
  ['', undefined],
  [`${'x'.repeat(5000)} 5.1.1`, undefined],
])('the code in %j is %s', (diagnostic, status) => {
  expect(enhancedStatus(diagnostic)).toBe(status);
});
