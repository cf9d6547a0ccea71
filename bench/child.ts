import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of its own that answers its parent's questions. */
export interface Child {
  ask<T>(what: string, given?: unknown): Promise<T>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  env?: Record<string, string>;
  /** Flags for Node, as `--cpu-prof`. */
  flags?: readonly string[];
}

type Answer = { number: number } & ({ value: unknown } | { failure: string });

/** Starts one of the bench's entries and waits until it is ready. NODE_ENV is production, whoever competes. */
export async function startChild(entry: string, { env = {}, flags = [] }: ChildOptions = {}): Promise<Child> {
  const file = fileURLToPath(new URL(entry, import.meta.url));
  // The same flags and memory as `npm start`.
  const process_ = spawn(process.execPath, [...flags, '--max-semi-space-size=8', '--import', 'tsx', file], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', MALLOC_ARENA_MAX: '2', ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const waiting = openAnswers(process_, entry);
  const child: Child = {
    ask(what, given) {
      const number = waiting.expect();
      process_.send({ number: number.id, what, given });
      return number.answer as Promise<never>;
    },
    async stop() {
      if (process_.exitCode !== null || process_.signalCode !== null) return;
      const ended = once(process_, 'exit');
      process_.disconnect();
      await ended;
    },
  };
  await child.ask('ready');
  return child;
}

/** Puts answers to their questions; a child that ends with questions open fails them. */
function openAnswers(child: ChildProcess, entry: string) {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let last = 0;
  child.on('message', (answer: Answer) => {
    const asked = open.get(answer.number);
    open.delete(answer.number);
    if ('value' in answer) asked?.resolve(answer.value);
    else asked?.reject(new Error(`${entry}: ${answer.failure}`));
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of open.values()) reject(new Error(`${entry} ended with ${code ?? signal}.`));
  });
  return {
    expect() {
      const id = ++last;
      const answer = new Promise((resolve, reject) => void open.set(id, { resolve, reject }));
      return { id, answer };
    },
  };
}
