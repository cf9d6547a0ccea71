/** The mailbox's API as a process of its own on a database of its own, with a limit that its parent sets. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { openDatabase, openPool } from '../../src/db/connect.ts';
import { mailboxApi } from '../../src/mailbox/app.ts';
import { mailboxEvents } from '../../src/mailbox/events.ts';
import { answerParent } from '../answering.ts';

/** What the mailbox answered since the last look. */
export interface Answered {
  accepted: number;
  refused: number;
  /** From the first to the last accepted request. */
  seconds: number;
}

const pool = openPool(process.env['DATABASE_URL']!, { max: 8, applicationName: 'bench mailbox' });
const webhook = {
  db: openDatabase(pool),
  webhookUrl: 'http://127.0.0.1:9/webhooks/resend',
  webhookSecret: 'whsec_AAAA',
};
const events = mailboxEvents(webhook);
const limitedTo = (requestsPerSecond: number) => mailboxApi({ ...webhook, events, requestsPerSecond });
let api = limitedTo(1);

let accepted: number[] = [];
let refused = 0;
const server = serve({
  fetch: async (request, env) => {
    const atMs = performance.now();
    const answer = await api.fetch(request, env);
    if (answer.status === 200) accepted.push(atMs);
    else if (answer.status === 429) refused++;
    return answer;
  },
  hostname: '127.0.0.1',
  port: 0,
});
await once(server, 'listening');
answerParent(
  {
    limit: (requestsPerSecond: number) => void (api = limitedTo(requestsPerSecond)),
    url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered(): Answered {
      const seconds = (Math.max(...accepted) - Math.min(...accepted)) / 1000;
      const now = { accepted: accepted.length, refused, seconds };
      [accepted, refused] = [[], 0];
      return now;
    },
  },
  async () => {
    await events.close();
    await pool.end();
  },
);
