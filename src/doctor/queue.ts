import { evictionFault, readRedisState } from '../queue/redis-state.ts';
import { askTimeoutMs, type Check, fail, ok, reasonOf, warn } from './check.ts';

const versionMin = 6.2;

/** Redis: reachable, new enough, throwing nothing away, writing to disk. Queues in Postgres share its checks. */
export async function examineQueue(redisUrl: string | undefined): Promise<Check[]> {
  if (!redisUrl) return [ok('queue', 'in Postgres')];
  try {
    const state = await readRedisState(redisUrl, askTimeoutMs);
    const isOld = Number.parseFloat(state.version) < versionMin;
    const eviction = evictionFault(state);
    return [
      isOld
        ? fail('queue', `Redis ${state.version} is too old. Update it to ${versionMin} or newer.`)
        : ok('queue', `Redis ${state.version}`),
      eviction ? fail('redis eviction', eviction) : ok('redis eviction', state.maxmemoryPolicy),
      state.keepsItsData
        ? ok('redis persistence', 'on')
        : warn(
            'redis persistence',
            'Redis keeps nothing on disk. No mail is lost by that, but after a restart work waits for the next sweep. Set appendonly yes.',
          ),
    ];
  } catch (error) {
    return [
      fail(
        'queue',
        `Redis cannot be reached (${reasonOf(error)}). Check REDIS_URL and the server; no mail is lost meanwhile, and none leaves.`,
      ),
    ];
  }
}
