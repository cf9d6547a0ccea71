import { createHash } from 'node:crypto';

import { Resend } from 'resend';

import { within } from '../deadline.ts';
import { type Answer, readReceipt } from './resend-answer.ts';
import { resendList } from './resend-list.ts';
import { lookUpMail } from './resend-look-up.ts';
import type { Receipt, Submission, Transport } from './transport.ts';

/** Longer than Resend ever takes for a full batch; a slower answer is a lost one, and is asked for again. */
export const requestTimeoutMs = 30_000;

const userAgent = 'broadsheet (resend-node)';

export interface ResendOptions {
  apiKey: string;
  baseUrl: string;
  /** Overrides the identity; the mailbox has one of its own, because its port changes at each start. */
  identity?: string;
  timeoutMs?: number;
}

/**
 * Resend, spoken through its SDK with our own bytes: a retry must send exactly what the first attempt sent, so nothing
 * here serialises. Redirects are not followed, because a login page behind one would look like success.
 */
export function resendTransport(options: ResendOptions): Transport {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  // The SDK writes to the console only under RESEND_DEBUG, and then the answer's error, never what we submit.
  const resend = new Resend(options.apiKey, { baseUrl, userAgent });
  const timeoutMs = options.timeoutMs ?? requestTimeoutMs;

  return {
    identity: options.identity ?? accountIdentity(baseUrl, options.apiKey),
    suppressions: resendList(resend),
    lookUp: (id) => lookUpMail(resend, id),

    async submit(request: Submission): Promise<Receipt> {
      if (request.signal?.aborted) return notBegun;
      return within(timeoutMs, request.signal, async ({ signal, reason }) => {
        const answer: Answer = await resend.fetchRequest(pathOf(request), {
          method: 'POST',
          headers: headersOf(request, options.apiKey),
          ...asStream(request.body),
          redirect: 'manual',
          signal,
        });
        return readReceipt(answer, { ...request, silence: reason() ?? 'no_answer', now: new Date() });
      });
    },

    async close() {},
  };
}

/** The shutdown came before the request: nothing left this machine. */
const notBegun: Receipt = { outcome: 'wait', code: 'stopping', retryAfterMs: 0, limits: {} };

function accountIdentity(baseUrl: string, apiKey: string): string {
  const account = createHash('sha256').update(apiKey).digest('hex').slice(0, 16);
  return `${baseUrl}#${account}`;
}

function pathOf(request: Submission): string {
  return request.kind === 'batch' ? '/emails/batch' : '/emails';
}

function headersOf(request: Submission, apiKey: string): Record<string, string> {
  return {
    Authorization: `Bearer ${apiKey}`,
    'User-Agent': userAgent,
    'Content-Type': 'application/json',
    'Content-Length': String(request.body.length),
    'Idempotency-Key': request.key,
    // Refused members must not hold back the others (RULES 11).
    ...(request.kind === 'batch' && { 'x-batch-validation': 'permissive' }),
  };
}

/**
 * The bytes as a stream of one piece: `fetch` copies a buffer twice before it sends it, and hands a stream's pieces on as
 * they are. The length is told, so nothing of it shows on the wire.
 */
function asStream(body: Buffer): { body: ReadableStream; duplex: 'half' } {
  const stream = new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(body);
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { body: stream, duplex: 'half' };
}
