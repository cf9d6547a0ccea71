/** The bare hand-off: ready-made bodies through the SDK's batch.send, two requests in flight, and nothing else. */
import { Resend } from 'resend';
import { answerParent } from '../answering.ts';

export interface BareMail {
  from: string;
  to: string;
  subject: string;
  html: string;
  text: string;
  headers: Record<string, string>;
  tags: { name: string; value: string }[];
}

/** As many as our deliver has, and what brings the most here. */
const inFlight = 2;
const batchMails = 100;

let batches: BareMail[][] = [];
const resend = new Resend('re_bench', { baseUrl: process.env['RESEND_BASE_URL']! });

answerParent({
  load(mails: BareMail[]) {
    batches = Array.from({ length: Math.ceil(mails.length / batchMails) }, (_, n) =>
      mails.slice(n * batchMails, (n + 1) * batchMails),
    );
  },
  async send(count: number) {
    const startedMs = performance.now();
    let sent = 0;
    let next = 0;
    const line = async () => {
      while (sent + batchMails <= count) {
        sent += batchMails;
        const { error } = await resend.batch.send(batches[next++ % batches.length]!);
        if (error) throw new Error(error.message);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, line));
    return { digests: sent, seconds: (performance.now() - startedMs) / 1000 };
  },
});
