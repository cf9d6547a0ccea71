import type { Context } from '../context.ts';
import { findByAddress } from '../db/subscribers.ts';
import { normaliseAddress } from '../domain/address.ts';
import type { DigestTokens } from '../domain/tokens.ts';
import { blankTokens } from '../press/mailed-digest.ts';
import { type Preview, previewDigest } from '../pipeline/preview.ts';
import { sendTest } from '../pipeline/send-test.ts';
import { testMail } from '../render/test-mail.ts';
import { type Command, Failed, UsageError } from './command.ts';
import { writeOutput } from './output-file.ts';

export const digestPreview: Command = {
  usage: 'digest preview ADDRESS [--html FILE] [--text FILE]',
  does: "one reader's next digest: the very bytes that would go out",
  options: { html: { type: 'string' }, text: { type: 'string' } },
  words: { least: 1, most: 1 },
  async run({ words, options, withContext, print }) {
    const preview = await withContext((ctx) => previewOf(ctx, words[0]!));
    if (!isMail(preview)) throw whyNone(words[0]!, preview);
    const { html, text, subject, localDate: date, papers } = preview;
    if (typeof options['html'] === 'string') await writeOutput(options['html'], html);
    if (typeof options['text'] === 'string') await writeOutput(options['text'], text);
    const result = { subscriber: words[0]!, date, subject, htmlBytes: Buffer.byteLength(html), papers };
    print(result, () => [
      `${date}  ${subject}`,
      ...papers.map(({ title, why }) => `  ${title}\n    ${why}`),
      `${Math.round(result.htmlBytes / 1024)} KB of HTML`,
    ]);
  },
};

export const digestSend: Command = {
  usage: 'digest send ADDRESS --to ADDRESS',
  does: "the same, to another address, marked as a test and without the reader's own links",
  options: { to: { type: 'string' } },
  words: { least: 1, most: 1 },
  async run({ words, options, withContext, print }) {
    const to = typeof options['to'] === 'string' ? normaliseAddress(options['to']) : undefined;
    if (!to) throw new UsageError('digest send needs --to with an address that mail can go to.');
    return withContext(async (ctx) => {
      const preview = await previewOf(ctx, words[0]!, blankTokens);
      if (!isMail(preview)) throw whyNone(words[0]!, preview);
      const tested = await sendTest(ctx, testMail(preview.bytes, to), to);
      if ('fault' in tested) throw new Failed(`The test to ${to} was not accepted: ${tested.fault}`);
      print({ to, id: tested.id, subject: preview.subject }, () => [`Accepted: a test to ${to}.`]);
    });
  },
};

type MailPreview = Extract<Preview, { html: string }>;

async function previewOf(ctx: Context, given: string, tokens?: DigestTokens): Promise<Preview> {
  const address = normaliseAddress(given);
  const subscriber = address && (await findByAddress(ctx.db, address));
  return subscriber ? previewDigest(ctx, subscriber.id, tokens) : undefined;
}

function isMail(preview: Preview): preview is MailPreview {
  return preview !== undefined && 'html' in preview;
}

function whyNone(address: string, preview: Preview): Failed {
  return new Failed(
    preview
      ? `There is no new paper for ${address} on ${preview.localDate}.`
      : `No subscriber has the address ${address}.`,
  );
}
