import type { Config } from '../config.ts';
import { openPool } from '../db/connect.ts';
import { joinEmbedded } from '../db/embedded/join.ts';
import { isLoopback } from '../domain/loopback.ts';
import { type Check, fail, ok, reasonOf, warn } from './check.ts';
import { examineDatabase } from './database.ts';
import { examineDisk } from './disk.ts';
import { examineSuppressionKey } from './suppression-key.ts';
import { examineSender, resendSigning, serverSigning, systemResolver, type TextResolver } from './dns.ts';
import { examineTransport, senderDomain } from './mail.ts';
import { examineQueue } from './queue.ts';
import { examineWeb } from './web.ts';

const poolMax = 2;

/** Looks at everything a running installation leans on. Changes nothing, and each part has its own time limit. */
export async function examine(config: Config, resolver: TextResolver = systemResolver()): Promise<Check[]> {
  const [database, queue, mail, sender, web, disk] = await Promise.all([
    openAndExamine(config),
    examineQueue(config.redisUrl),
    examineTransport(config),
    examineDomain(config, resolver),
    examineWeb(config),
    examineDisk(config.dataDir),
  ]);
  return [configuration(config), ...database, ...queue, mail, ...sender, ...web, disk];
}

function configuration(config: Config): Check {
  const where = config.local ? 'an embedded Postgres' : 'the Postgres of DATABASE_URL';
  const queues = config.redisUrl ? 'Redis' : 'Postgres';
  return ok('configuration', `complete: ${where}, queues in ${queues}, mail by ${config.transport}`);
}

async function openAndExamine(config: Config): Promise<Check[]> {
  const embedded = config.databaseUrl ? undefined : await joinEmbedded(config.dataDir).catch(reasonOf);
  if (typeof embedded === 'string')
    return [fail('database', `The embedded Postgres does not start: ${embedded}`)];
  const databaseUrl = config.databaseUrl ?? embedded!.databaseUrl;
  const pool = openPool(databaseUrl, { max: poolMax, applicationName: 'broadsheet doctor' });
  try {
    const checks = await examineDatabase(pool);
    const isReady = checks.some(({ name, state }) => name === 'schema' && state === 'ok');
    return isReady ? [...checks, await examineSuppressionKey(pool, config.suppressionKey)] : checks;
  } catch (error) {
    return [fail('database', `It stopped answering (${reasonOf(error)}).`)];
  } finally {
    await pool.end().catch(() => {});
    await embedded?.leave();
  }
}

async function examineDomain(config: Config, resolver: TextResolver): Promise<Check[]> {
  if (config.transport === 'mailbox') return [];
  if (config.resend && isLoopback(new URL(config.resend.baseUrl).hostname)) {
    return [
      warn(
        'sender',
        'SPF, DKIM and DMARC were not checked: RESEND_BASE_URL is on this machine, so no mail leaves it.',
      ),
    ];
  }
  const domain = senderDomain(config.mail.from);
  const signing =
    config.transport === 'resend' ? resendSigning(domain) : serverSigning(domain, config.smtp?.dkim);
  return examineSender(domain, signing, resolver);
}
