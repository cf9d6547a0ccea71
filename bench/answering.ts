/** The child's side of child.ts: runs what the parent asks for, one function a name, and ends with the parent. */
import { readFileSync } from 'node:fs';

export type Answers = Record<string, (given: never) => unknown>;

/** Peak resident memory in MiB, and processor time in seconds, of this process since it started. */
export interface Usage {
  peakMiB: number;
  cpuSeconds: number;
}

const closeWithinMs = 10_000;

export function answerParent(answers: Answers, close: () => Promise<void> = async () => {}): void {
  const all: Answers = { ready: () => true, usage: readUsage, ...answers };
  process.on('message', ({ number, what, given }: { number: number; what: string; given: never }) => {
    void answer(async () => all[what]!(given)).then((answered) => process.send?.({ number, ...answered }));
  });
  process.once('disconnect', () => {
    // Whoever waits for a server that went with the parent waits in vain.
    setTimeout(() => process.exit(), closeWithinMs);
    void close().finally(() => process.exit());
  });
}

async function answer(work: () => Promise<unknown>): Promise<{ value: unknown } | { failure: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { failure: (error as Error).stack ?? String(error) };
  }
}

function readUsage(): Usage {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return { peakMiB: readPeakMiB(), cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
}

/** `maxRSS` would tell the parent's peak where that is the higher one: Linux keeps it over fork and exec. */
function readPeakMiB(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  const [, kiB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return Number(kiB) / 1024;
}
