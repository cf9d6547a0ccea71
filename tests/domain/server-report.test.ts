import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFieldGroups, readReport, type ReportPart } from '../../src/domain/server-report.ts';
import { cpuMs } from '../support/cpu-time.ts';

const status = (text: string, type = 'message/delivery-status'): ReportPart => ({ type, text });
const original = (text: string, type = 'message/rfc822'): ReportPart => ({ type, text });
const failed =
  'Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@uni.test\nAction: failed\nStatus: 5.1.1\n';

describe('a report of a delivery', () => {
  test('tells of each recipient, and of the mail by the headers that came back', () => {
    const text =
      'Reporting-MTA: dns; mx\r\nOriginal-Envelope-Id: abc@broadsheet.example\r\n\r\n' +
      'Original-Recipient: rfc822;Ada@Uni.test\r\nFinal-Recipient: RFC822; <ada.l@mail.uni.test>\r\nAction: Failed\r\n' +
      'Status: 5.2.2 (full)\r\nDiagnostic-Code: smtp; 552 5.2.2\r\n\tover quota\r\nLast-Attempt-Date: Fri, 20 Mar 2026 07:05:00 +0000\r\n\r\n' +
      'Final-Recipient: utf-8; bø@uni.test\r\nAction: delivered\r\nStatus: 2.0.0\r\n';
    const parts = [
      status(text),
      original('X-Broadsheet-ID: <own@x>\r\nMessage-ID:\r\n <theirs@x>\r\n\r\nMessage-ID: <body@x>'),
    ];
    expect(readReport(parts)).toEqual({
      kind: 'delivery',
      mailIds: ['<abc@broadsheet.example>', '<own@x>', '<theirs@x>'],
      at: new Date('2026-03-20T07:05:00Z'),
      recipients: [
        {
          action: 'failed',
          addresses: ['ada@uni.test', 'ada.l@mail.uni.test'],
          diagnostics: ['smtp; 552 5.2.2 over quota', '5.2.2'],
          isPermanent: true,
        },
        { action: 'delivered', addresses: ['bø@uni.test'], diagnostics: ['2.0.0'], isPermanent: false },
      ],
    });
  });

  test.each([
    ['message/global-delivery-status', 'message/global-headers'],
    ['message/delivery-status', 'text/rfc822-headers'],
    ['message/global-delivery-status', 'message/global'],
  ])('comes as %s with %s too (RFC 6533)', (type, originalType) => {
    const report = readReport([status(failed, type), original('Message-ID: <a@b>', originalType)]);
    expect(report).toMatchObject({ kind: 'delivery', mailIds: ['<a@b>'] });
  });

  test.each([
    ['delayed', 'nothing final'],
    ['relayed', 'nothing final'],
    ['expanded', 'nothing final'],
    ['exploded', 'nothing final'],
  ])('that was %s counts for nothing yet', (action, why) => {
    expect(readReport([status(failed.replace('failed', action))])).toBe(why);
  });

  test('of nobody is none', () => {
    for (const text of ['', 'Reporting-MTA: dns; mx', failed.replace('Action: failed\n', '')])
      expect(readReport([status(text)])).toBe('a report of no recipient');
  });
});

describe('a report of a complaint', () => {
  test.each([
    ['abuse', true],
    ['fraud', true],
    ['not-spam', false],
    ['auth-failure', false],
    ['virus', false],
    ['other', false],
  ])('%s is one: %s', (kind, isOne) => {
    const feedback = { type: 'message/feedback-report', text: `Feedback-Type: ${kind}\nVersion: 1` };
    const report = readReport([feedback, original('Message-ID: <a@b>')]);
    expect(report).toEqual(
      isOne ? { kind: 'complaint', mailIds: ['<a@b>'], at: undefined } : 'feedback that is no complaint',
    );
  });
});

test('prose, returned mails alone and foreign parts are no report', () => {
  expect(readReport([])).toBe('no report');
  expect(readReport([original('Message-ID: <a@b>'), { type: 'text/plain', text: failed }])).toBe('no report');
});

test('any parts at all give a report or a reason, in bounds', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'Action: failed',
      'Status: 5.1.1',
      'Feedback-Type: abuse',
      '',
      ' folded',
      'Message-ID: <a@b>',
    ),
  );
  const text = fc.array(line, { maxLength: 400 }).map((lines) => lines.join('\n'));
  const type = fc.constantFrom('message/delivery-status', 'message/feedback-report', 'message/rfc822', 'x/y');
  fc.assert(
    fc.property(fc.array(fc.record({ type, text }), { maxLength: 5 }), (parts) => {
      const report = readReport(parts);
      if (typeof report === 'string') return;
      expect(report.mailIds.length).toBeLessThanOrEqual(5);
      expect(report.at?.getTime()).not.toBeNaN();
      expect('recipients' in report ? report.recipients.length : 0).toBeLessThanOrEqual(50);
    }),
    { numRuns: 500 },
  );
});

test('a field of a megabyte, and ten thousand groups, take no time', () => {
  const text = `Action: ${'x '.repeat(500_000)}\n\n${'Action: failed\n\n'.repeat(10_000)}${'\n \n'.repeat(50_000)}`;
  const originals = [original('<'.repeat(500_000)), original(`Message-ID: ${'<'.repeat(200_000)}`)];
  const takesMs = cpuMs(() => {
    expect(readFieldGroups(text).length).toBeLessThanOrEqual(50);
    readReport([status(text), ...originals]);
  });
  expect(takesMs).toBeLessThan(10_000);
});
