import fc from 'fast-check';
import { expect, test } from 'vitest';
import { announcementBytesMax, fillAnnouncement, readAnnouncement } from '../../src/render/announcement.ts';
import { readTemplate } from '../../src/render/mjml-template.ts';

const source = await readTemplate('announcement');
const section = '<mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section>';
const lineOf = (part: string) => source.slice(0, source.indexOf(part)).split('\n').length;
const values = {
  unsubscribeUrl: 'https://uni.test/unsubscribe/t',
  preferencesUrl: 'https://uni.test/preferences/t',
  postalAddress: '1 Example Street',
  topics: 'robots',
  slotLine: 'at 07:00 in Paris',
};

async function faultsOf(changed: string): Promise<[number | undefined, string][]> {
  const { faults } = await readAnnouncement(changed);
  return faults.map(({ line, words }) => [line, words]);
}

test('the template in the box is right, and says what it says in both parts', async () => {
  const { template, faults } = await readAnnouncement(source);
  expect(faults).toEqual([]);
  expect(template!.subject).toBe('News from Broadsheet');
  const mail = fillAnnouncement(template!, values);
  for (const part of [mail.html, mail.text]) {
    expect(part).toContain('https://uni.test/unsubscribe/t');
    expect(part).toContain('1 Example Street');
    expect(part).toContain('Write here what readers should know.');
    expect(part).not.toContain('{{');
  }
  expect(mail.text).not.toContain('One sentence that mail programs show');
  expect(mail.html).not.toContain('fonts.googleapis.com');
});

test('every slip is named with its line, all of them at once', async () => {
  const broken = source
    .replace('{{topics}}', '{{topicz}}')
    .replace('href="{{preferencesUrl}}"', 'href="{{topics}}"')
    .replace('What is new', 'What is {{ new');
  expect(await faultsOf(broken)).toEqual([
    [lineOf('What is new'), expect.stringContaining('“{{ new</h2>” is no placeholder')],
    [lineOf('{{preferencesUrl}}'), expect.stringContaining('{{topics}} stands inside a tag')],
    [lineOf('{{topics}}'), expect.stringContaining('{{topicz}} is not known')],
  ]);
});

test.each([
  ['unsubscribeUrl', 'put <a href="{{unsubscribeUrl}}">'],
  ['postalAddress', 'put {{postalAddress}}'],
])('without {{%s}} where readers see it nothing is mailed', async (name, advice) => {
  const end = lineOf('</mj-body>');
  const wanted = [[end, expect.stringContaining(advice)]];
  expect(await faultsOf(source.replace(`{{${name}}}`, 'none'))).toEqual(wanted);
  const shown = new RegExp(`<p[^>]*>.*\\{\\{${name}\\}\\}.*</p>`).exec(source)![0];
  expect(await faultsOf(source.replace(shown, `<!-- ${shown} -->`))).toEqual(wanted);
});

test.each([
  ['<mj-title>News from Broadsheet</mj-title>', '', 'It has no subject'],
  ['News from Broadsheet', 'To {{topics}}', 'can have no placeholders'],
  ['News from Broadsheet', 'x'.repeat(151), 'more than 150 characters'],
  ['<mj-raw>', '<mj-raw><script>x</script>', 'It has a script'],
  ['<mj-section padding="24px 0 0">', '<mj-include path="/etc/passwd" />', 'mj-include, which is off'],
  ['mj-button href', 'mj-buton href', 'doesn’t exist'],
  ['<mj-section padding="24px 0 0">', `${section.repeat(300)}<mj-section>`, 'KB of HTML'],
])('instead of %s, %.12s is refused', async (part, by, words) => {
  const faults = await faultsOf(source.replace(part, by));
  expect(faults.map(([, said]) => said.replace("'", '’')).join(' ')).toContain(words);
});

test('what is no MJML at all is said to be none', async () => {
  for (const text of ['', 'hello', '\0', '<html></html>', 'x'.repeat(announcementBytesMax + 1)]) {
    expect((await readAnnouncement(text)).faults).not.toEqual([]);
  }
});

test('whatever a value holds, it changes no markup and starts no placeholder', async () => {
  const { template } = await readAnnouncement(source);
  const shape = (html: string) => [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
  const calm = shape(fillAnnouncement(template!, values).html);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '>', '"', '&', '{', '}', 'é', '/', 'b') }),
      (topics) => {
        expect(shape(fillAnnouncement(template!, { ...values, topics }).html)).toEqual(calm);
      },
    ),
    { numRuns: 50 },
  );
});
