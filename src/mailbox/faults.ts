import { setTimeout as sleep } from 'node:timers/promises';

import type { Context } from 'hono';
import { z } from 'zod';

/**
 * What is to go wrong, as tests and chaos runs script it. Production code knows nothing of this: what it meets is what a
 * provider's bad day looks like.
 */
const faultShape = z.strictObject({
  does: z.enum(['answer 500', 'answer 503', 'answer 502 in HTML', 'answer nonsense', 'reset', 'pause']),
  /**
   * `before`: nothing is taken. `after`: all is taken, and the answer is what goes wrong. `during`, for a pause: the
   * request is at work and holds its key, so that another under it is refused with a 409.
   */
  when: z.enum(['before', 'during', 'after']).default('before'),
  pauseMs: z.number().int().min(0).max(600_000).default(0),
  /** Only requests to this path; otherwise every one that submits mail. */
  path: z.string().max(100).optional(),
  /** Lets so many matching requests pass first. */
  skip: z.number().int().min(0).default(0),
  /** So often; for ever when left out. */
  times: z.number().int().min(0).optional(),
  /** Of the matching requests this share, by the dice below. */
  share: z.number().min(0).max(1).default(1),
});

export const faultsShape = z.strictObject({
  faults: z.array(faultShape).max(100),
  /** The dice: the same number throws the same sequence. */
  seed: z.number().int().default(1),
});

export type Fault = z.input<typeof faultShape>;
export type FaultScript = z.input<typeof faultsShape>;

export interface Faults {
  /** Replaces the script; counting begins anew. Throws where it is none. */
  script(input: unknown): void;
  /** Each fault with how often it has happened. */
  list(): { fault: Fault; happened: number }[];
  /** What is to go wrong with this request. Counts it. */
  draw(path: string): Drawn;
}

/** The first fault that fits, if any. */
export interface Drawn {
  /** In place of the request. */
  before(c: Context): Promise<Response | undefined>;
  /** While the request holds its key. */
  during(): Promise<void>;
  /** In place of the answer, after all was taken. */
  after(c: Context): Promise<Response | undefined>;
}

const submitting: readonly string[] = ['/emails', '/emails/batch'];

export function openFaults(script: FaultScript = { faults: [] }): Faults {
  let planned: { fault: z.output<typeof faultShape>; seen: number; happened: number }[] = [];
  let throwDice = dice(1);

  function load(input: unknown): void {
    const { faults, seed } = faultsShape.parse(input);
    planned = faults.map((fault) => ({ fault, seen: 0, happened: 0 }));
    throwDice = dice(seed);
  }
  load(script);

  return {
    script: load,
    list: () => planned.map(({ fault, happened }) => ({ fault, happened })),
    draw(path) {
      for (const one of planned) {
        const { fault } = one;
        if (fault.path === undefined ? !submitting.includes(path) : fault.path !== path) continue;
        one.seen += 1;
        if (one.seen <= fault.skip || one.happened >= (fault.times ?? Infinity)) continue;
        if (fault.share < 1 && throwDice() >= fault.share) continue;
        one.happened += 1;
        return drawn(fault);
      }
      return nothing;
    },
  };
}

const nothing: Drawn = {
  before: () => Promise.resolve(undefined),
  during: () => Promise.resolve(),
  after: () => Promise.resolve(undefined),
};

function drawn(fault: z.output<typeof faultShape>): Drawn {
  const act = async (c: Context) => {
    if (fault.pauseMs > 0) await sleep(fault.pauseMs);
    return answerOf(fault.does, c);
  };
  return {
    ...nothing,
    ...(fault.when === 'before' && { before: act }),
    ...(fault.when === 'during' && { during: () => sleep(fault.pauseMs) }),
    ...(fault.when === 'after' && { after: act }),
  };
}

function answerOf(does: z.output<typeof faultShape>['does'], c: Context): Response | undefined {
  switch (does) {
    case 'pause':
      return undefined;
    case 'answer 500':
      return c.json(
        { statusCode: 500, name: 'application_error', message: 'An unexpected error occurred.' },
        500,
      );
    case 'answer 503':
      return c.json(
        { statusCode: 503, name: 'service_unavailable', message: 'The service is unavailable.' },
        503,
      );
    case 'answer 502 in HTML':
      return c.html('<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>', 502);
    case 'answer nonsense':
      return c.body('{"id":', 200, { 'content-type': 'application/json' });
    case 'reset':
      cutOff(c);
      // Nobody gets this: the connection is gone.
      return c.body(null, 500);
  }
}

/** A TCP reset, as a dying machine or a proxy sends it. */
function cutOff(c: Context): void {
  const env = c.env as { incoming?: { socket?: { resetAndDestroy(): void } } } | undefined;
  const socket = env?.incoming?.socket;
  if (!socket) throw new Error('There is no connection to reset: open the mailbox with listenMailbox.');
  socket.resetAndDestroy();
}

/** Mulberry32: small, and the same everywhere. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
