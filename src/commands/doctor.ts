import { ConfigError, loadConfig, readEnvironment } from '../config.ts';
import { type Check, fail } from '../doctor/check.ts';
import { examine } from '../doctor/examine.ts';
import { type Command, exitCodes } from './command.ts';

const marks = { ok: '✓', warn: '!', fail: '✗' } as const;
const nameWidth = 18;

export const doctorCommand: Command = {
  usage: 'doctor',
  does: 'looks at everything an installation leans on, and says what to do',
  words: { least: 0, most: 0 },
  async run({ print }) {
    const { checks, code } = await findChecks();
    const isOk = checks.every(({ state }) => state !== 'fail');
    print({ ok: isOk, checks }, () => checks.map(inWords));
    return code ?? (isOk ? exitCodes.done : exitCodes.failed);
  },
};

/** A wrong configuration is all there is to say then: the rest depends on it. */
async function findChecks(): Promise<{ checks: Check[]; code?: number }> {
  try {
    return { checks: await examine(loadConfig(readEnvironment())) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { checks: error.faults.map((fault) => fail('configuration', fault)), code: exitCodes.config };
  }
}

function inWords({ name, state, says }: Check): string {
  return `${marks[state]} ${name.padEnd(nameWidth)} ${says}`;
}
