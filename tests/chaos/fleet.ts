import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Assignment, FromWorker, ToWorker } from './worker.ts';

/** One child, and how it ended. */
export interface Member {
  process: ChildProcess;
  assignment: Assignment;
  isReady: boolean;
  /** Whether the kit ended it, and so need not be surprised. */
  isDoomed: boolean;
  ended: Promise<void>;
}

export interface Fleet {
  members: Set<Member>;
  launch(assignment: Omit<Assignment, 'now'>): Member;
  setNow(now: Date): void;
  /** Tells a running process where to die. */
  doom(member: Member, dies: NonNullable<Assignment['dies']>): void;
  kill(member: Member, fault: string): void;
  closeAll(): Promise<void>;
}

export interface FleetOptions {
  /** The worker's one file. */
  entry: string;
  env: Record<string, string>;
  log: Writable | undefined;
  now: Date;
  onStruck(fault: string): void;
  onEnded(member: Member, code: number | null, signal: NodeJS.Signals | null): void;
}

/** The processes that get killed. */
export function openFleet({ entry, env, log, now, onStruck, onEnded }: FleetOptions): Fleet {
  const members = new Set<Member>();
  let clock = now;
  return {
    members,
    launch(given) {
      const assignment: Assignment = { ...given, now: clock.toISOString() };
      const child = startNode(entry, assignment, env, log);
      const ended = once(child, 'exit').then(() => undefined);
      const member: Member = { process: child, assignment, isReady: false, isDoomed: false, ended };
      members.add(member);
      child.on('message', (message: FromWorker) => {
        if ('ready' in message) member.isReady = true;
        else {
          if (message.struck.startsWith('killed')) member.isDoomed = true;
          onStruck(message.struck);
        }
      });
      child.once('exit', (code, signal) => {
        members.delete(member);
        onEnded(member, code, signal);
      });
      return member;
    },
    setNow(moment) {
      clock = moment;
      for (const { process: child } of members)
        if (child.connected) child.send({ now: moment.toISOString() } satisfies ToWorker);
    },
    doom(member, dies) {
      if (member.process.connected) member.process.send({ dies } satisfies ToWorker);
    },
    kill(member, fault) {
      if (member.isDoomed) return;
      member.isDoomed = true;
      onStruck(fault);
      member.process.kill('SIGKILL');
    },
    async closeAll() {
      const all = [...members];
      for (const member of all) {
        member.isDoomed = true;
        member.process.kill('SIGKILL');
      }
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

/** All but the web process. */
export function workersOf({ members }: Fleet): Member[] {
  return [...members].filter(({ assignment }) => assignment.role === 'workers');
}

/** A Node of its own for one of our bundled entries, with an IPC channel and its argument as JSON. */
export function startNode(
  file: string,
  argument: object,
  env: Record<string, string>,
  log: Writable | undefined,
): ChildProcess {
  const child = spawn(process.execPath, [file, JSON.stringify(argument)], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout!, child.stderr!]) {
    if (log) stream.pipe(log, { end: false });
    else stream.resume();
  }
  return child;
}
