import { createHmac } from 'node:crypto';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Context as HttpContext } from 'hono';
import type { Context } from '../context.ts';
import { networkOf } from './network.ts';

/** Who has sent too many forms; `ok` when nobody has. */
export type Verdict = 'ok' | 'network' | 'address' | 'installation';

export interface FormLimits {
  /** Counts a form from this network, and for this address where it names one. */
  take(c: HttpContext, address?: string): Promise<Verdict>;
}

/** Forms that a network may send, that may name one address, and that all may send. Behind them, mails have their own cap (RULES 15). */
const limits = {
  network: { points: 60, durationS: 10 * 60 },
  address: { points: 8, durationS: 24 * 3600 },
  installation: { points: 20_000, durationS: 3600 },
} as const;

/**
 * Limits that all processes share, in Postgres; where it does not answer, each process counts for itself. Networks and
 * addresses are kept as keyed hashes, until their window is over.
 */
export function openFormLimits(ctx: Context): FormLimits {
  // Made at the first form: they take hold of the pool, and pages without forms need none.
  let limiters: Record<keyof typeof limits, RateLimiterPostgres> | undefined;
  const open = () => ({
    network: openLimiter(ctx, 'network'),
    address: openLimiter(ctx, 'address'),
    installation: openLimiter(ctx, 'installation'),
  });
  const hash = (text: string) =>
    createHmac('sha256', ctx.config.suppressionKey).update(`limit ${text}`).digest('base64url');
  return {
    async take(c, address) {
      limiters ??= open();
      if (!(await isWithin(limiters.network, hash(networkOf(c))))) return 'network';
      if (!(await isWithin(limiters.installation, 'all'))) return 'installation';
      if (address !== undefined && !(await isWithin(limiters.address, hash(address)))) return 'address';
      return 'ok';
    },
  };
}

function openLimiter(ctx: Context, name: keyof typeof limits): RateLimiterPostgres {
  const { points, durationS: duration } = limits[name];
  return new RateLimiterPostgres({
    storeClient: ctx.pool,
    storeType: 'pool',
    schemaName: 'broadsheet',
    tableName: 'rate_limits',
    tableCreated: true,
    // The sweep does that.
    clearExpiredByTimeout: false,
    keyPrefix: name,
    points,
    duration,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix: name, points, duration }),
  });
}

async function isWithin(limiter: RateLimiterPostgres, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return true;
  } catch (error) {
    if (error instanceof RateLimiterRes) return false;
    throw error;
  }
}
