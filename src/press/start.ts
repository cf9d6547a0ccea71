import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import { Permanent } from '../queue/errors.ts';
import { kernelModule } from '../render/kernel.ts';
import type { Lacking } from '../render/stock.ts';
import type { Printed, Proof, Sheet } from './order.ts';
import type { ThreadData } from './thread.ts';

/** A running thread of the press. */
export interface Thread {
  /** Sends a sheet and gives what was printed, or what it lacks for that. Rejects when the thread ends first. */
  send(sheet: Omit<Sheet, 'number'>): Promise<Printed | Unprinted>;
  stop(): Promise<void>;
}

/** A sheet that came back. */
export interface Unprinted {
  lacking: Lacking;
  memory: ArrayBuffer | undefined;
}

interface Waiting {
  resolve(printed: Printed | Unprinted): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/** Thousands of times what a body takes: a thread that is at one for so long will not end, and is ended. */
const printTimeoutMs = 30_000;
/** A few times what its fragments and one batch take. */
const threadMemory = { maxOldGenerationSizeMb: 256 };
/**
 * What is young in the press is dead with its batch, so little room is as good as much. As a flag, because that of the process
 * itself would win over a limit of the thread's; the process's own heap was laid out when it started.
 */
const youngFlag = '--max-semi-space-size=2';

/** Starts a thread that keeps so many fragments; `onEnd` hears that it is no more, of itself or because it was stopped. */
export function startThread({ keptMax, onEnd }: { keptMax: number; onEnd: () => void }): Thread {
  const open = new Map<number, Waiting>();
  setFlagsFromString(youngFlag);
  const worker = new Worker(threadSource(), {
    execArgv: [],
    env: {},
    name: 'press',
    workerData: { keptMax, kernel: kernelModule() } satisfies ThreadData,
    resourceLimits: threadMemory,
  });
  // Whoever waits for a body holds a connection, and that keeps the process up.
  worker.unref();
  let last = 0;
  worker.on('message', (proof: Proof) => {
    const waiting = open.get(proof.number);
    open.delete(proof.number);
    clearTimeout(waiting?.timer);
    if ('failure' in proof) waiting?.reject(failureOf(proof));
    else if ('lacking' in proof) waiting?.resolve(proof);
    else waiting?.resolve(printedOf(proof));
  });
  let hasEnded = false;
  const end = (why: string) => {
    if (hasEnded) return;
    hasEnded = true;
    onEnd();
    for (const { reject, timer } of open.values()) {
      clearTimeout(timer);
      reject(new Error(`The press stopped: ${why}.`));
    }
  };
  worker.once('error', (error) => end(error.message));
  worker.once('exit', () => end('its thread ended'));
  return {
    send(sheet) {
      const number = ++last;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => void worker.terminate(), printTimeoutMs);
        open.set(number, { resolve, reject, timer });
        worker.postMessage({ ...sheet, number } satisfies Sheet, sheet.memory ? [sheet.memory] : []);
      });
    },
    stop: async () => void (await worker.terminate()),
  };
}

let source: URL | undefined;

/**
 * The thread's module with all that it imports as one piece of plain JavaScript. A loader for TypeScript in the thread
 * would do as well, but takes 20 MiB and a fifth of a second.
 */
function threadSource(): URL {
  if (source) return source;
  const entry = fileURLToPath(new URL('./thread.ts', import.meta.url));
  const options = { bundle: true, platform: 'node', format: 'esm', target: 'node20', write: false } as const;
  const { outputFiles } = buildSync({ entryPoints: [entry], ...options });
  return (source = new URL(`data:text/javascript,${encodeURIComponent(outputFiles[0]!.text)}`));
}

function printedOf({ length, hash, memory }: Extract<Proof, { length: number }>): Printed {
  return { body: Buffer.from(memory, 0, length), hash: Buffer.from(hash), memory };
}

function failureOf({ failure, isPermanent }: Extract<Proof, { failure: string }>): Error {
  return isPermanent ? new Permanent(failure) : new Error(failure);
}
