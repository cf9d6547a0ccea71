import { createInterface } from 'node:readline';
import { z } from 'zod';
import { openDatabase, openPool } from '../../src/db/connect.ts';
import { migrate } from '../../src/db/migrate.ts';
import { faultsShape } from '../../src/mailbox/faults.ts';
import { listenMailbox } from '../../src/mailbox/listen.ts';

/**
 * The mailbox as a process of its own, for benches and chaos: `node --import tsx tests/support/mailbox-server.ts JSON`.
 * Prints one line of JSON when it listens, `{"baseUrl", "apiKey"}`, and ends with its standard input or SIGTERM. With
 * `faultControl`, PUT `/_faults` changes what goes wrong while it runs (src/mailbox/fault-control.ts).
 */
const settings = z.strictObject({
  /** Its own database, or that of the installation it serves. Brought up to date first. */
  databaseUrl: z.string(),
  webhookUrl: z.string(),
  webhookSecret: z.string(),
  port: z.number().int().optional(),
  apiKey: z.string().optional(),
  requestsPerSecond: z.number().positive().optional(),
  dailyQuota: z.number().int().optional(),
  monthlyQuota: z.number().int().optional(),
  refuseExampleDomains: z.boolean().optional(),
  /** By address; `*` is everybody else: `{"*": "delivered"}` reports each mail. */
  outcomes: z
    .record(z.string(), z.enum(['delivered', 'hard', 'soft', 'policy', 'content', 'complaint', 'suppressed']))
    .optional(),
  retryAfterMs: z.array(z.number()).optional(),
  webhookTrouble: z
    .strictObject({
      delayMs: z.tuple([z.number(), z.number()]).optional(),
      duplicates: z.number().optional(),
      seed: z.number().optional(),
    })
    .optional(),
  faults: faultsShape.optional(),
  faultControl: z.boolean().optional(),
});

export type MailboxServerSettings = z.input<typeof settings>;

const connectionsMax = 10;

const { databaseUrl, ...options } = settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const pool = openPool(databaseUrl, { max: connectionsMax, applicationName: 'mailbox' });
await migrate(pool);
const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
const mailbox = await listenMailbox({
  db: openDatabase(pool),
  ...(given as typeof options & { webhookUrl: string }),
} as Parameters<typeof listenMailbox>[0]);
const { baseUrl, apiKey } = mailbox;
process.stdout.write(`${JSON.stringify({ baseUrl, apiKey })}\n`);

async function close(): Promise<void> {
  await mailbox.close();
  await pool.end();
  process.exit(0);
}
process.once('SIGTERM', () => void close());
createInterface(process.stdin).once('close', () => void close());
