import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { closeWithinMs, finishWithinMs, runUntilSignal } from '../src/shutdown.ts';
import { openLog } from '../src/log.ts';

const log = openLog('silent');
let ended: number[];
const signals = ['SIGINT', 'SIGTERM'] as const;
let listeners: Map<string, NodeJS.SignalsListener[]>;

beforeEach(() => {
  vi.useFakeTimers();
  ended = [];
  listeners = new Map(signals.map((name) => [name, process.listeners(name)]));
  vi.spyOn(process, 'exit').mockImplementation(((code: number) => void ended.push(code)) as never);
});
afterEach(() => {
  for (const name of signals) {
    for (const one of process.listeners(name)) {
      if (!listeners.get(name)!.includes(one)) process.off(name, one);
    }
  }
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** As the signal does, without sending this process one. */
function say(signal: 'SIGINT' | 'SIGTERM'): void {
  for (const one of process.listeners(signal)) {
    if (!listeners.get(signal)!.includes(one)) one(signal);
  }
}

const never = () => new Promise<void>(() => {});

test('a signal closes what was started in reverse order, the context last', async () => {
  const closed: string[] = [];
  const note = (name: string) => async () => void closed.push(name);
  const running = runUntilSignal(log, note('context'));
  running.closers.push(note('web'), note('workers'), note('scheduler'));
  expect(running.isStopping()).toBe(false);
  say('SIGTERM');
  await running.stopped;
  expect(closed).toEqual(['scheduler', 'workers', 'web', 'context']);
  expect(running.isStopping()).toBe(true);
  expect(ended).toEqual([]);
});

test('one that fails to close keeps nothing else open', async () => {
  const closed: string[] = [];
  const running = runUntilSignal(log, async () => void closed.push('context'));
  running.closers.push(
    async () => void closed.push('web'),
    async () => {
      throw new Error('it broke');
    },
  );
  say('SIGTERM');
  await running.stopped;
  expect(closed).toEqual(['web', 'context']);
});

test('work that does not end in time is given back: the context is closed, and the process ends', async () => {
  const closed: string[] = [];
  const running = runUntilSignal(log, async () => void closed.push('context'));
  running.closers.push(never);
  say('SIGTERM');
  await vi.advanceTimersByTimeAsync(finishWithinMs - 1);
  expect({ closed, ended }).toEqual({ closed: [], ended: [] });
  await vi.advanceTimersByTimeAsync(2);
  expect({ closed, ended }).toEqual({ closed: ['context'], ended: [1] });
});

test('a context that does not close either cannot keep the process', async () => {
  const running = runUntilSignal(log, never);
  running.closers.push(never);
  say('SIGINT');
  await vi.advanceTimersByTimeAsync(finishWithinMs + closeWithinMs + 1);
  expect(ended).toEqual([1]);
});

test('a second signal ends it at once, unless it is the same wish passed on', async () => {
  const running = runUntilSignal(log, never);
  running.closers.push(never);
  say('SIGINT');
  await vi.advanceTimersByTimeAsync(200);
  say('SIGINT');
  expect(ended).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  say('SIGTERM');
  expect(ended).toEqual([1]);
});
