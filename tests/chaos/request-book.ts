import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { bodyHash } from '../../src/press/body-hash.ts';

/** What came in, and what should never come in: other bytes under a key, two living processes at one key. */
export interface RequestBook {
  /** Notes a request; call what it gives when it is answered. */
  enter(key: string, body: Buffer, response: ServerResponse): () => void;
  strike(fault: string): void;
  /** Postgres ended all leases just now: for a while two processes may rightly be at one key. */
  excuse(): void;
  report(): {
    struck: Record<string, number>;
    bodies: [string, string][];
    changed: string[];
    shared: number;
    requests: number;
  };
}

/** What a process that lost its lease still had under way ends within this time. */
const excusedMs = 40_000;
/** The end of a killed process's connection may be heard of a moment after its successor's request. */
const hearsayMs = 500;

/** `faults` are all that there are: one that never struck is reported as 0. */
export function openRequestBook(faults: readonly string[]): RequestBook {
  const struck: Record<string, number> = Object.fromEntries(faults.map((name) => [name, 0]));
  const bodies = new Map<string, string>();
  const sums = new Map<string, string>();
  const changed = new Set<string>();
  const atHand = new Map<string, Set<ServerResponse>>();
  let excusedUntilMs = -Infinity;
  let shared = 0;
  let requests = 0;

  /** A connection that still stands belongs to a process that still lives. */
  function look(others: readonly ServerResponse[]): void {
    setTimeout(() => {
      const isAlive = others.some((other) => !other.destroyed && !other.writableEnded);
      if (isAlive && performance.now() > excusedUntilMs) shared += 1;
    }, hearsayMs);
  }

  return {
    enter(key, body, response) {
      requests += 1;
      // Bytes are held against each other by another hash than the product's own.
      const sha256 = createHash('sha256').update(body).digest('hex');
      if ((sums.get(key) ?? sha256) !== sha256) changed.add(key);
      sums.set(key, sums.get(key) ?? sha256);
      bodies.set(key, bodies.get(key) ?? bodyHash(body).toString('hex'));
      const others = atHand.get(key) ?? new Set();
      const living = [...others].filter((other) => !other.destroyed && !other.writableEnded);
      if (living.length > 0) look(living);
      atHand.set(key, others.add(response));
      return () => {
        others.delete(response);
        if (others.size === 0) atHand.delete(key);
      };
    },
    strike(fault) {
      struck[fault] = (struck[fault] ?? 0) + 1;
    },
    excuse() {
      excusedUntilMs = performance.now() + excusedMs;
    },
    report: () => ({ struck, bodies: [...bodies], changed: [...changed], shared, requests }),
  };
}
