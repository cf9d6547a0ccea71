import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { type Command, Failed, UsageError } from '../../src/commands/command.ts';
import { runCommand } from '../support/command.ts';

const command = (run: Command['run']): Command => ({
  usage: 'try THIS',
  does: 'tries it',
  words: { least: 1, most: 1 },
  run,
});
const failing = (error: Error) =>
  command(async () => {
    throw error;
  });
const run = (given: Command, ...args: string[]) => runCommand(given, args, { cwd: process.cwd() });

test.each([
  [new Failed('It is not there.'), 1, 'It is not there.'],
  [new Error('it broke'), 1, 'broadsheet try: it broke'],
  [new UsageError('say what'), 2, 'say what'],
  [new ConfigError(['PORT is wrong']), 78, new ConfigError(['PORT is wrong']).message],
])('what fails says why to people, and with --json to programs as well: %s', async (error, code, says) => {
  expect(await run(failing(error), 'this')).toEqual({ code, stdout: '', stderr: `${says}\n` });
  const { stdout, ...others } = await run(failing(error), 'this', '--json');
  expect(others).toEqual({ code, stderr: `${says}\n` });
  expect(JSON.parse(stdout)).toEqual({ error: says });
});

test('words that are wrong or missing are answered the same way', async () => {
  const never = failing(new Error('it must not run'));
  const { code, stdout } = await run(never, '--json');
  expect({ code, said: JSON.parse(stdout) as unknown }).toEqual({
    code: 2,
    said: { error: 'usage: broadsheet try THIS' },
  });
});

test('an option that there is not is named, with how the command is used', async () => {
  const never = failing(new Error('it must not run'));
  expect(await run(never, 'this', '--wiat')).toEqual({
    code: 2,
    stdout: '',
    stderr: "Unknown option '--wiat'\nusage: broadsheet try THIS\n",
  });
});

test('a command gives one JSON object, also when it fails after its answer', async () => {
  const late = command(async ({ print }) => {
    print({ ledger: 1 }, () => ['one']);
    throw new Failed('It is parked.');
  });
  expect(await run(late, 'this', '--json')).toEqual({
    code: 1,
    stdout: '{"ledger":1}\n',
    stderr: 'It is parked.\n',
  });
});
