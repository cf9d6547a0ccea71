import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { ConfigError, loadConfig, readEnvironment } from '../config.ts';
import { type Asked, composeEnvFile, freshPostgresPassword, freshSecrets, questions } from '../env-file.ts';
import { keptAsVariables } from '../secrets.ts';
import { type Command, Failed, UsageError } from './command.ts';

const fileName = '.env';

export const initCommand: Command = {
  usage: `init [--yes] [--force] [${questions.map(({ option }) => `--${option} …`).join('] [')}]`,
  does: 'asks what an installation needs, and writes a .env with fresh secrets',
  options: {
    yes: { type: 'boolean' },
    force: { type: 'boolean' },
    ...Object.fromEntries(questions.map(({ option }) => [option, { type: 'string' as const }])),
  },
  words: { least: 0, most: 0 },
  async run({ options, print }) {
    const path = resolve(fileName);
    const mayReplace = options['force'] === true;
    if (existsSync(path) && !mayReplace) {
      throw new Failed(
        `${path} exists and is left alone: its keys sign the links in mails already sent, and know who is suppressed. Say --force to replace it.`,
      );
    }
    const answers = readOptions(options);
    if (options['yes'] !== true) await ask(answers);
    const kept = keptAsVariables(resolve(readEnvironment()['BROADSHEET_DATA_DIR'] ?? 'data'));
    const secrets = { ...freshSecrets(), ...kept };
    const postgres = answers['DATABASE_URL'] ? {} : { POSTGRES_PASSWORD: freshPostgresPassword() };
    const values = { ...answers, ...secrets, ...postgres };
    const faults = findFaults(values);
    const text = composeEnvFile(values);
    write(path, text, mayReplace);
    print({ file: path, missing: faults }, () => [
      `Wrote ${path}, readable by you alone. Keep a copy of SUPPRESSION_KEY and SECRET_KEYS in a safe place.`,
      ...('SUPPRESSION_KEY' in kept
        ? ['Its keys are those of the trial in the data folder: mailed links and suppressions stay.']
        : []),
      `Operators log in with ${secrets['OPERATOR_PASSWORD']}`,
      ...faults.map((fault) => `Still to do: ${fault}`),
      'Next: broadsheet migrate · broadsheet doctor · broadsheet start, or docker compose up -d',
    ]);
  },
};

function readOptions(options: Record<string, string | boolean | undefined>): Record<string, string> {
  const answers: Record<string, string> = {};
  for (const { variable, option } of questions) {
    const given = options[option];
    if (typeof given === 'string' && given.trim() !== '') answers[variable] = given.trim();
  }
  const faults = findFaults(answers).filter((fault) =>
    Object.keys(answers).some((name) => isWrong(fault, name)),
  );
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  return answers;
}

/** Asks for what no option gave; an empty answer leaves a variable out. Wrong answers are asked again, with the reason. */
async function ask(answers: Record<string, string>): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UsageError('Nobody is there to answer. Give the answers as options, and --yes for the rest.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (const question of questions) {
      if (answers[question.variable] !== undefined || !(question.matters?.(answers) ?? true)) continue;
      await askOne(terminal, question, answers);
    }
  } finally {
    terminal.close();
  }
}

async function askOne(
  terminal: { question(query: string): Promise<string> },
  { variable, asks }: Asked,
  answers: Record<string, string>,
): Promise<void> {
  for (;;) {
    const answer = (await terminal.question(`${asks}\n${variable}: `)).trim();
    if (answer === '') return;
    const fault = findFaults({ ...answers, [variable]: answer }).find((one) => isWrong(one, variable));
    if (!fault) return void (answers[variable] = answer);
    process.stderr.write(`${fault}\n`);
  }
}

/** What the configuration says of these values: wrong ones and missing ones, as at the start. */
function findFaults(values: Record<string, string>): readonly string[] {
  const later = values['RESEND_API_KEY'] && !values['RESEND_WEBHOOK_SECRET'] ? [webhookFault] : [];
  try {
    const isStaying = values['DATABASE_URL'] && !values['RESEND_API_KEY'] && !values['SMTP_URL'];
    const staying = isStaying ? { MAIL_TRANSPORT: 'mailbox' } : {};
    loadConfig({ ...freshSecrets(), ...staying, RESEND_WEBHOOK_SECRET: unusedWebhookSecret, ...values });
    return later;
  } catch (error) {
    if (error instanceof ConfigError) return [...error.faults, ...later];
    throw error;
  }
}

/** Only so that looking at values makes no secrets in the data folder. */
const unusedWebhookSecret = `whsec_${Buffer.alloc(24).toString('base64')}`;
const webhookFault =
  'RESEND_WEBHOOK_SECRET is missing: add a webhook at resend.com to PUBLIC_URL/webhooks/resend and set its secret';

/** A fault begins with the name of its variable; "is missing" is no fault of an answer. */
function isWrong(fault: string, variable: string): boolean {
  return fault.startsWith(`${variable} `) && !fault.startsWith(`${variable} is missing`);
}

/** Appears whole or not at all, and readable by its owner alone. */
function write(path: string, content: string, mayReplace: boolean): void {
  if (!mayReplace) return writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx' });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
