import { Redis } from 'ioredis';

/** What a Redis says about itself, as far as queues care. */
export interface RedisState {
  version: string;
  /** `noeviction` is the only one under which no job disappears by itself. */
  maxmemoryPolicy: string;
  /** Whether it writes to disk at all, by snapshots or by its log of commands. */
  keepsItsData: boolean;
}

const lookTimeoutMs = 5_000;

/** Asks a Redis once, over a connection of its own. Throws when it does not answer in time. */
export async function readRedisState(url: string, timeoutMs = lookTimeoutMs): Promise<RedisState> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  } as object);
  let cause: Error | undefined;
  client.on('error', (error: Error) => void (cause = error));
  try {
    await client.connect();
    const facts = readInfo(await client.info());
    // Redis as a service often forbids CONFIG; what is not known is not complained about.
    const [, save] = await client.config('GET', 'save').catch(() => []);
    return {
      version: facts.get('redis_version') ?? 'unknown',
      maxmemoryPolicy: facts.get('maxmemory_policy') ?? 'unknown',
      keepsItsData: facts.get('aof_enabled') === '1' || save !== '',
    };
  } catch (error) {
    throw cause ?? error;
  } finally {
    client.disconnect();
  }
}

/** The one sentence about a policy that lets jobs disappear; undefined where there is nothing to say. */
export function evictionFault({ maxmemoryPolicy }: RedisState): string | undefined {
  if (maxmemoryPolicy === 'noeviction' || maxmemoryPolicy === 'unknown') return undefined;
  return `Redis throws jobs away when it is full (maxmemory-policy ${maxmemoryPolicy}). Set maxmemory-policy noeviction.`;
}

/** `INFO` is lines of `name:value` between headings. */
function readInfo(text: string): Map<string, string> {
  const facts = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) facts.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return facts;
}
