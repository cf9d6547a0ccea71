import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { enterSourceGate, leaveSourceGate, silenceSource } from '../db/source-gates.ts';
import { SourceError, type SourceGate } from '../sources/source.ts';

export interface GateOptions {
  /** Between an answer and the next request. */
  pauseMs: number;
  /** What a request may take; a process that dies in the middle holds up the others for no longer. */
  heldMs: number;
}

const lookAgainMs = 1000;

/** The line in which all processes wait to ask a source, kept in Postgres. Dies half-way: the place is free after `heldMs`. */
export function sourceGate(db: Kysely<Database>, source: string, options: GateOptions): SourceGate {
  return {
    async pass(signal, ask) {
      const holder = randomUUID();
      await waitForTurn(db, source, holder, options, signal);
      try {
        return await ask();
      } finally {
        await leaveSourceGate(db, source, holder, options.pauseMs);
      }
    },
    async silence(forMs, reason) {
      await silenceSource(db, source, forMs, reason);
    },
  };
}

async function waitForTurn(
  db: Kysely<Database>,
  source: string,
  holder: string,
  { heldMs }: GateOptions,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const turn = await enterSourceGate(db, source, holder, heldMs);
    if (turn.entered) return;
    if (turn.silentUntil) {
      const until = turn.silentUntil.toISOString().slice(11, 16);
      throw new SourceError(
        'refused',
        `Not asked before ${until} UTC: ${turn.reason ?? 'the source wants silence'}.`,
      );
    }
    // Whoever is ahead may be done long before its time is up.
    await pause(Math.min(Math.max(turn.waitMs, 10), lookAgainMs), undefined, { signal });
  }
}
