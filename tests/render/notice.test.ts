import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileMjml } from '../../src/render/mjml-template.ts';
import { noticeBody, renderNotice } from '../../src/render/notice.ts';
import { readMail } from '../../src/render/mail.ts';
import { anyText } from '../support/arbitrary-paper.ts';

const props = {
  confirmUrl: 'https://example.org/confirm/c-1-1-0-k1-x',
  preferencesUrl: 'https://example.org/preferences/p-1-1-0-k1-x',
  unsubscribeUrl: 'https://example.org/unsubscribe/u-1-0-0-k1-x',
  topics: ['Video generation', 'Robotics'],
  slot: { timeZone: 'Europe/Paris', sendHour: 7, weekdays: 127 },
  firstDigest: 'on Saturday at 07:00 in Paris',
  postalAddress: 'Broadsheet, 1 Main Street',
};

test.each([
  ['confirm', 'Confirm your Broadsheet subscription', props.confirmUrl],
  ['welcome', 'Welcome to Broadsheet', props.preferencesUrl],
  ['link', 'Your Broadsheet link', props.preferencesUrl],
] as const)('%s has its subject, one button, and the same link in the text', async (kind, subject, link) => {
  const mail = await renderNotice(kind, props);
  expect(mail.subject).toBe(subject);
  expect(mail.html).toMatch(/^[\x20-\x7e\n]*$/);
  expect(mail.html.split(`href="${link}"`)).toHaveLength(2);
  expect(mail.text.split('\n')).toContain(link);
  expect(mail.html).not.toContain('{{');
  expect(mail.html).not.toContain('fonts.googleapis.com');
  expect(mail.html).toContain('lang="en"');
  expect(mail.html).toContain('Broadsheet, 1 Main Street');
  expect(mail.html.length).toBeLessThan(15_000);
  for (const line of mail.text.split('\n')) expect(line.length).toBeLessThanOrEqual(78);
});

test('the confirmation names topics and time', async () => {
  const { html, text } = await renderNotice('confirm', props);
  expect(html).toContain('<b>on Video generation and Robotics</b>, at 07:00 in Paris');
  expect(text).toContain('Video generation and Robotics, at\n07:00 in Paris.');
});

test('topics kept as slugs are shown by name, many are counted, and none is said plainly', async () => {
  const text = async (topics: string[]) =>
    (await renderNotice('confirm', { ...props, topics })).text.replace(/\n/g, ' ');
  expect(await text(['a', 'b', 'c', 'd', 'e', 'f'])).toContain('papers on a, b, c, d and 2 more,');
  expect(await text([])).toContain('papers on whatever is trending,');
});

test('people, houses and categories are named as one says it', async () => {
  const text = async (topics: string[]) =>
    (await renderNotice('confirm', { ...props, topics })).text.replace(/\n/g, ' ');
  expect(await text(['author: Yann LeCun', 'robotics', 'org: DeepMind'])).toContain(
    'papers on Robotics, by Yann LeCun and from DeepMind,',
  );
  expect(await text(['author: Yann LeCun'])).toContain('papers by Yann LeCun,');
});

test('a stranger’s topics cannot put a link into somebody’s confirmation', async () => {
  const topics = ['cheap pills at evil.example', 'https://evil.example', 'me@evil.example', 'Robotics'];
  const { html, text } = await renderNotice('confirm', { ...props, topics });
  expect(html + text).not.toContain('evil');
  expect(text).toContain('Robotics and 3 more');
});

test('no value is read as markup or as MJML, for any topics and address', async () => {
  const before = (await renderNotice('confirm', props)).html.match(/<[a-z]/g)!.length;
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { maxLength: 4 }), anyText, async (topics, postalAddress) => {
      const mail = await renderNotice('confirm', { ...props, topics, postalAddress });
      expect(mail.html.match(/<[a-z]/g)).toHaveLength(before);
      const body = noticeBody({ ...mail, from: 'a@example.org', to: 'b@example.org', tag: 'n-1' });
      expect(body.toString('latin1')).toMatch(/^[\x20-\x7e]*$/);
      expect(readMail(body)).toMatchObject({ subject: mail.subject, html: mail.html, text: mail.text });
    }),
    { numRuns: 100 },
  );
});

test.each([
  'javascript:alert(1)',
  'https://example.org/"onclick="x',
  'https://a b',
  'data:text/html,x',
  '//example.org',
])('a link that is no web address is refused: %s', async (confirmUrl) => {
  await expect(renderNotice('confirm', { ...props, confirmUrl })).rejects.toThrow('no web address');
});

test('a notice says that a machine wrote it, and can be left where it has a token', async () => {
  const mail = await renderNotice('welcome', props);
  const envelope = { ...mail, from: 'Broadsheet <digest@example.org>', to: 'ada@example.org', tag: 'n-7' };
  expect(readMail(noticeBody(envelope)).headers).toEqual({ 'Auto-Submitted': 'auto-generated' });
  const { unsubscribeUrl } = props;
  expect(readMail(noticeBody({ ...envelope, replyTo: 'help@example.org', unsubscribeUrl }))).toMatchObject({
    from: envelope.from,
    to: envelope.to,
    replyTo: 'help@example.org',
    tags: [{ name: 'notice', value: 'n-7' }],
    headers: {
      'Auto-Submitted': 'auto-generated',
      'List-Unsubscribe': `<${unsubscribeUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  });
  expect(() => noticeBody({ ...envelope, tag: 'a b' })).toThrow('tag');
});

const template = (body: string) =>
  `<mjml><mj-body><mj-section><mj-column><mj-text>${body}</mj-text></mj-column></mj-section></mj-body></mjml>`;

test('a template is told what it got wrong', async () => {
  const fill = await compileMjml('emails/x.mjml', template('{{ nmae }}'));
  expect(() => fill({ name: 'Ada', other: '' })).toThrow(
    'emails/x.mjml uses {{nmae}}; this mail has only name, other.',
  );
  await expect(compileMjml('emails/x.mjml', '<mjml><mj-body><mj-bogus/></mj-body></mjml>')).rejects.toThrow(
    'emails/x.mjml is not valid MJML',
  );
  await expect(compileMjml('emails/x.mjml', template('<mj-include path="./secret" />'))).rejects.toThrow(
    'mj-include, which is off',
  );
});

test('a value is put in once and never looked at again', async () => {
  const fill = await compileMjml('emails/x.mjml', template('{{name}}'));
  expect(fill({ name: '{{other}} <b> $& "' })).toContain('{{other}} &lt;b&gt; $&amp; &quot;');
});
