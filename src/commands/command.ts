import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigError, loadConfig, readEnvironment } from '../config.ts';
import { type Context, openContext, type OpenOptions } from '../context.ts';

/** What a command gets: its words, its options, and a way to open what it needs. */
export interface Invocation {
  words: string[];
  options: Record<string, string | boolean | undefined>;
  /** The business clock's moment, where `--at` names one. */
  at: Date | undefined;
  /** Opens a context, runs, and closes it again whatever happens. */
  withContext<T>(run: (ctx: Context) => Promise<T>, options?: OpenOptions): Promise<T>;
  /** What the command has to say: one JSON object with `--json`, lines for a person otherwise. */
  print(result: object, lines: () => string[]): void;
}

export interface Command {
  usage: string;
  does: string;
  options?: NonNullable<ParseArgsConfig['options']>;
  /** How many words follow the command's name. */
  words: { least: number; most: number };
  /** Resolves to an exit code; 0 when left out. */
  run(invocation: Invocation): Promise<number | void>;
}

/** The caller used it wrongly: the message says how. Exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** It was asked rightly and could not be done: the message says why. Exit code 1. */
export class Failed extends Error {
  override name = 'Failed';
}

export const exitCodes = { done: 0, failed: 1, usage: 2, config: 78 } as const;

const commonOptions = { json: { type: 'boolean' }, at: { type: 'string' } } as const;

/**
 * Reads the words after the command's name, runs it, and gives the exit code. Why it failed goes to standard error; with
 * `--json` also to standard output as `{"error": …}`, unless the command has given its one object already.
 */
export async function invoke(command: Command, args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`usage: broadsheet ${command.usage} [--json] [--at ISO]\n\n${command.does}\n`);
    return exitCodes.done;
  }
  let hasPrinted = false;
  try {
    const invocation = readInvocation(command, args, () => (hasPrinted = true));
    return (await command.run(invocation)) ?? exitCodes.done;
  } catch (error) {
    const { message, code } = explain(error, command);
    process.stderr.write(`${message}\n`);
    if (args.includes('--json') && !hasPrinted)
      process.stdout.write(`${JSON.stringify({ error: message })}\n`);
    return code;
  }
}

function readInvocation(command: Command, args: string[], onPrint: () => void): Invocation {
  const { values, positionals } = parse(command, args);
  const { least, most } = command.words;
  if (positionals.length < least || positionals.length > most) {
    throw new UsageError(`usage: broadsheet ${command.usage}`);
  }
  const options = values as Invocation['options'];
  const at = typeof options['at'] === 'string' ? readMoment(options['at']) : undefined;
  return {
    words: positionals,
    options,
    at,
    async withContext(run, open = {}) {
      const config = loadConfig(readEnvironment());
      const ctx = await openContext(config, { ...(at ? { now: () => at } : {}), ...open });
      try {
        return await run(ctx);
      } finally {
        await ctx.close();
      }
    },
    print(result, lines) {
      onPrint();
      process.stdout.write(
        options['json']
          ? `${JSON.stringify(result)}\n`
          : lines()
              .map((line) => `${line}\n`)
              .join(''),
      );
    },
  };
}

function parse(command: Command, args: string[]) {
  try {
    return parseArgs({
      args,
      options: { ...commonOptions, ...command.options },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    // What Node goes on to say, how to pass such a word as an argument, is of no use here.
    const [message] = (error as Error).message.split('. To specify a positional');
    throw new UsageError(`${message}\nusage: broadsheet ${command.usage}`, { cause: error });
  }
}

/** `--at` takes an ISO 8601 moment; without a zone it is UTC. */
function readMoment(text: string): Date {
  const found = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  const at = new Date(found && found[1] && !found[4] ? `${text}Z` : text);
  if (!found || Number.isNaN(at.getTime())) {
    throw new UsageError(`--at "${text}" is no moment; write it like 2026-11-23T07:00:00Z.`);
  }
  return at;
}

function explain(error: unknown, command: Command): { message: string; code: number } {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof UsageError) return { message, code: exitCodes.usage };
  if (error instanceof ConfigError) return { message, code: exitCodes.config };
  if (error instanceof Failed) return { message, code: exitCodes.failed };
  const isBug = error instanceof TypeError || error instanceof RangeError;
  const where = isBug ? `\n${stack}` : '';
  return { message: `broadsheet ${command.usage.split(' ')[0]}: ${message}${where}`, code: exitCodes.failed };
}
