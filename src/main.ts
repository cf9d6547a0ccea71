import { invoke } from './commands/command.ts';
import { startCommand } from './commands/start.ts';

process.exitCode = await invoke(startCommand, process.argv.slice(2));
