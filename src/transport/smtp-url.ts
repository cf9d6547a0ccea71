/** A mail server as SMTP_URL names it. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps:`). */
  secure: boolean;
  auth: { user: string; pass: string } | undefined;
  /** Whether mail may leave without TLS, and with a certificate that nobody vouches for. */
  tlsOptional: boolean;
  /** What we call ourselves in EHLO; the machine's own name where absent. */
  name: string | undefined;
  dkim: { domain: string; selector: string; keyFile: string } | undefined;
}

export const smtpUrlExample = 'smtp://name:password@host:587';

const domainShape = /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/i;
const selectorShape = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i;
const hostShape = /^(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]+\])$/i;
const options = ['tls', 'name', 'dkim-domain', 'dkim-selector', 'dkim-key-file'];

/**
 * Reads `smtp://name:password@host:587?dkim-domain=…&dkim-selector=…&dkim-key-file=…`, or says what is wrong with it
 * without repeating it: there is a password in it. Passwords with `@ : / ?` or `#` in them are percent-encoded.
 *
 * Over `smtp:` STARTTLS is demanded unless the server is this machine or `tls=optional` is said.
 */
export function readSmtpUrl(text: string): { server: SmtpServer } | { fault: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^smtps?:$/.test(url.protocol) || !hostShape.test(url.hostname) || /^\/./.test(url.pathname)) {
    return { fault: `must look like ${smtpUrlExample}` };
  }
  const unknown = [...url.searchParams.keys()].find((name) => !options.includes(name));
  if (unknown !== undefined) {
    return { fault: `has an option that we do not know; it takes ${options.join(', ')}` };
  }
  const { tls, name, ...dkim } = Object.fromEntries(url.searchParams);
  if (tls !== undefined && tls !== 'optional')
    return { fault: 'takes tls=optional, or no tls at all to demand it' };
  if (name !== undefined && !hostShape.test(name)) return { fault: 'has a name= that is no host name' };
  const auth = readAuth(url);
  if (auth === 'wrong') return { fault: 'must have both a name and a password, percent-encoded, or neither' };
  const signing = readDkim(dkim);
  if (signing && 'fault' in signing) return signing;

  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'smtps:';
  const port = url.port ? Number(url.port) : secure ? 465 : 587;
  const tlsOptional = tls === 'optional' || isThisMachine(host);
  return { server: { host, port, secure, auth, tlsOptional, name, dkim: signing } };
}

/** Server and account, without the secret: a mail attempted through one is never taken up by another (RULES 9). */
export function smtpIdentity({ host, port, secure, auth }: SmtpServer): string {
  return `${secure ? 'smtps' : 'smtp'}://${host}:${port}${auth ? `#${auth.user}` : ''}`;
}

function readAuth(url: URL): SmtpServer['auth'] | 'wrong' {
  if (!url.username && !url.password) return undefined;
  try {
    const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    return user && pass ? { user, pass } : 'wrong';
  } catch {
    return 'wrong';
  }
}

function readDkim(given: Record<string, string>): SmtpServer['dkim'] | { fault: string } {
  if (Object.keys(given).length === 0) return undefined;
  const { 'dkim-domain': domain, 'dkim-selector': selector, 'dkim-key-file': keyFile } = given;
  if (!domain || !selector || !keyFile) {
    return { fault: 'must have dkim-domain, dkim-selector and dkim-key-file together' };
  }
  if (!domainShape.test(domain)) return { fault: 'has a dkim-domain that is no domain' };
  if (!selectorShape.test(selector))
    return { fault: 'has a dkim-selector of other letters than a-z, 0-9 and -' };
  return { domain, selector, keyFile };
}

function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}
