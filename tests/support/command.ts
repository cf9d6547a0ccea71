import { vi } from 'vitest';
import { type Command, invoke } from '../../src/commands/command.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command as the command line does, in a folder of one's own and with no variables but these. In this process,
 * because a new one takes seconds; so one at a time.
 */
export async function runCommand(
  command: Command,
  args: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Ran> {
  const before = { cwd: process.cwd(), env: process.env };
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    }),
  );
  process.chdir(cwd);
  process.env = { PATH: before.env['PATH'], ...env };
  try {
    return { code: await invoke(command, args), ...printed };
  } finally {
    process.env = before.env;
    process.chdir(before.cwd);
    for (const spy of spies) spy.mockRestore();
  }
}
