import { announceCommand } from './commands/announce.ts';
import { bouncesImport } from './commands/bounces.ts';
import { type Command, exitCodes, invoke } from './commands/command.ts';
import { digestPreview, digestSend } from './commands/digest.ts';
import { doctorCommand } from './commands/doctor.ts';
import { editionRelease, editionRun, editionShow } from './commands/edition.ts';
import { editionPause, editionResume } from './commands/edition-course.ts';
import { editionDryRun } from './commands/edition-dry-run.ts';
import { editionHandled } from './commands/edition-handled.ts';
import { ingestCommand } from './commands/ingest.ts';
import { initCommand } from './commands/init.ts';
import { migrateCommand } from './commands/migrate.ts';
import { startCommand } from './commands/start.ts';
import {
  subscribersErase,
  subscribersExport,
  subscribersImport,
  subscribersShow,
} from './commands/subscribers.ts';
import { suppressionsImport, suppressionsSync } from './commands/suppressions-bring.ts';
import { suppressionsAdd, suppressionsList, suppressionsRemove } from './commands/suppressions.ts';

/** Every command, by its words. */
const commands: Record<string, Command> = {
  start: startCommand,
  init: initCommand,
  doctor: doctorCommand,
  migrate: migrateCommand,
  ingest: ingestCommand,
  'subscribers import': subscribersImport,
  'subscribers show': subscribersShow,
  'subscribers export': subscribersExport,
  'subscribers erase': subscribersErase,
  'edition run': editionRun,
  'edition show': editionShow,
  'edition release': editionRelease,
  'edition dry-run': editionDryRun,
  'edition pause': editionPause,
  'edition resume': editionResume,
  'edition handled': editionHandled,
  'digest preview': digestPreview,
  'digest send': digestSend,
  'suppressions list': suppressionsList,
  'suppressions add': suppressionsAdd,
  'suppressions remove': suppressionsRemove,
  'suppressions import': suppressionsImport,
  'suppressions sync': suppressionsSync,
  'bounces import': bouncesImport,
  announce: announceCommand,
};

const helpWords = ['help', '--help', '-h'];

const args = process.argv.slice(2);
const [first = '', second = ''] = args;
const twoWords = commands[`${first} ${second}`];
const command = twoWords ?? commands[first];

if (command) {
  process.exitCode = await invoke(command, args.slice(twoWords ? 2 : 1));
} else {
  const kin = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
  const isHelp = [first, kin.length > 0 ? second : ''].some((word) => helpWords.includes(word));
  if (!isHelp && first !== '')
    process.stderr.write(`"${args.slice(0, 2).join(' ')}" is no command; options come after it.\n\n`);
  (isHelp ? process.stdout : process.stderr).write(usage(kin.length > 0 ? kin : Object.keys(commands)));
  process.exitCode = isHelp ? exitCodes.done : exitCodes.usage;
}

function usage(names: readonly string[]): string {
  const lines = names.map((name) => `  ${commands[name]!.usage}\n      ${commands[name]!.does}`);
  return `usage: broadsheet COMMAND [--json] [--at ISO]\n\n${lines.join('\n')}\n`;
}
