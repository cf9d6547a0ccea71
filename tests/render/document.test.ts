import { AsyncLocalStorage } from 'node:async_hooks';
import { createElement } from 'react';
import { render } from 'react-email';
import { expect, test, vi } from 'vitest';
import { Digest, type DigestProps } from '../../emails/digest.tsx';
import { sampleReport } from '../../emails/preview-data.ts';
import { Report } from '../../emails/report.tsx';
import { renderDocument } from '../../src/render/document.ts';

const digest: DigestProps = {
  subject: 'Tea & "cake" <today>',
  dayline: 'Friday, 12 December · 5 papers for you',
  slotLine: 'at 07:00 in Paris',
  topics: [{ name: 'Robotics' }, { more: 3 }],
  links: { preferences: 'https://a.example/p?x=1&y=2', browser: 'https://a.example/b', unsubscribe: 'u' },
  postalAddress: 'Straße 1, Köln',
  children: 'the cards',
};
const report = { ...sampleReport, link: 'https://a.example', postalAddress: 'Straße 1, Köln' };
const mails = [createElement(Digest, digest), createElement(Report, report)];

test.each(mails)('a document is what React Email renders, without its comments (%#)', async (mail) => {
  const theirs = (await render(mail)).replaceAll(/<!--.*?-->/gs, '');
  expect(renderDocument(mail)).toBe(theirs);
});

test('no document is drawn in an async context, which would slow down every promise from then on', async () => {
  const run = vi.spyOn(AsyncLocalStorage.prototype, 'run');
  for (const mail of mails) renderDocument(mail);
  expect(run).not.toHaveBeenCalled();
  await render(mails[0]!);
  expect(run).toHaveBeenCalled();
  run.mockRestore();
});
