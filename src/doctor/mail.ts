import { connect } from 'node:net';
import type { Config } from '../config.ts';
import { askTimeoutMs, type Check, fail, ok, reasonOf, warn } from './check.ts';

/** The transport: whether its account is good for the sender. Asks only what changes nothing. */
export async function examineTransport(config: Config): Promise<Check> {
  switch (config.transport) {
    case 'mailbox':
      return ok('mail', 'It stays on this machine, in the mailbox.');
    case 'smtp':
      return examineSmtp(config.smtp!);
    case 'resend':
      return examineResend(config.resend!, senderDomain(config.mail.from));
  }
}

/** The domain of `Name <box@domain>`. */
export function senderDomain(from: string): string {
  return from
    .slice(from.lastIndexOf('@') + 1)
    .replace(/>$/, '')
    .toLowerCase();
}

/** `GET /domains` shows whether the key is good and the domain verified, unless the key may only send. */
async function examineResend(
  { apiKey, baseUrl }: { apiKey: string; baseUrl: string },
  domain: string,
): Promise<Check> {
  let answer: Response;
  let body: Record<string, unknown>;
  try {
    answer = await fetch(`${baseUrl}/domains`, {
      headers: { Authorization: `Bearer ${apiKey}`, 'User-Agent': 'broadsheet' },
      redirect: 'manual',
      signal: AbortSignal.timeout(askTimeoutMs),
    });
    body = asObject(await answer.json().catch(() => undefined));
  } catch (error) {
    return warn('mail', `Resend could not be asked from here (${reasonOf(error)}). The key was not checked.`);
  }
  if (answer.status === 200) return examineDomain(body, domain);
  if (body['name'] === 'restricted_api_key' && answer.status === 401) {
    return ok(
      'mail',
      `Resend knows the key. It may only send, so whether ${domain} is verified was not checked.`,
    );
  }
  if (answer.status === 401 || answer.status === 403 || answer.status === 400) {
    return fail(
      'mail',
      `Resend refuses the key (${answer.status} ${textOf(body['name'])}). Make a new one and set RESEND_API_KEY.`,
    );
  }
  return warn('mail', `Resend answered ${answer.status}. The key was not checked; ask again later.`);
}

function examineDomain(body: Record<string, unknown>, domain: string): Check {
  const list = Array.isArray(body['data']) ? body['data'].map(asObject) : [];
  const found = list.find(({ name }) => textOf(name).toLowerCase() === domain);
  if (found?.['status'] === 'verified') return ok('mail', `Resend knows the key, and ${domain} is verified.`);
  if (found) {
    return fail(
      'mail',
      `Resend says ${domain} is ${textOf(found['status'])}. Finish its verification at resend.com/domains.`,
    );
  }
  if (body['has_more'] === true)
    return warn('mail', `Resend knows the key; ${domain} is not among its first domains.`);
  return fail('mail', `${domain} is not a domain of this Resend account. Add it, or correct MAIL_FROM.`);
}

/** Only whether somebody listens: logging in is left to the first mail. */
async function examineSmtp({ host, port }: { host: string; port: number }): Promise<Check> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: askTimeoutMs });
    const done = (check: Check) => {
      socket.destroy();
      resolve(check);
    };
    socket.once('connect', () =>
      done(ok('mail', `${host}:${port} takes connections. The login was not checked.`)),
    );
    socket.once('timeout', () =>
      done(fail('mail', `${host}:${port} does not answer. Check SMTP_URL and the firewall.`)),
    );
    socket.once('error', (error) =>
      done(fail('mail', `${host}:${port} cannot be reached (${reasonOf(error)}). Check SMTP_URL.`)),
    );
  });
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 100) : 'without a name';
}
