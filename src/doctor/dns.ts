import { Resolver } from 'node:dns/promises';
import { askTimeoutMs, type Check, fail, ok, reasonOf, warn } from './check.ts';

/** What of node:dns a doctor needs. */
export interface TextResolver {
  resolveTxt(name: string): Promise<string[][]>;
}

interface Signed {
  /** Where the DKIM key lies; undefined where nobody knows here. */
  dkimAt: string | undefined;
  /** Who answers for the envelope sender: SPF is looked up there. */
  spfAt: string;
  /** What its SPF has to let through; undefined where any will do. */
  spfIncludes?: string;
}

/** The system's name servers, asked with a time limit. */
export function systemResolver(): TextResolver {
  return new Resolver({ timeout: askTimeoutMs / 2, tries: 2 });
}

/** Resend signs as `resend._domainkey` and mails from the subdomain `send`, which Amazon SES carries. */
export function resendSigning(domain: string): Signed {
  return { dkimAt: `resend._domainkey.${domain}`, spfAt: `send.${domain}`, spfIncludes: 'amazonses.com' };
}

/** A mail server of one's own: SPF of the domain itself. Where the server signs by itself, only it knows its selector. */
export function serverSigning(domain: string, dkim?: { domain: string; selector: string }): Signed {
  return { dkimAt: dkim && `${dkim.selector}._domainkey.${dkim.domain}`, spfAt: domain };
}

/** SPF, DKIM and DMARC of the sender's domain: without all three Gmail, Yahoo and Outlook refuse bulk mail. */
export async function examineSender(
  domain: string,
  signing: Signed,
  resolver: TextResolver,
): Promise<Check[]> {
  return Promise.all([
    examineSpf(signing, resolver),
    examineDkim(signing, resolver),
    examineDmarc(domain, resolver),
  ]);
}

async function examineSpf({ spfAt, spfIncludes }: Signed, resolver: TextResolver): Promise<Check> {
  const found = await lookUp(spfAt, resolver);
  if (typeof found === 'string') return warn('spf', `${spfAt} could not be looked up (${found}).`);
  const records = found.filter((text) => /^v=spf1( |$)/i.test(text));
  if (records.length === 0)
    return fail('spf', `${spfAt} has no SPF record. Add the TXT record your mail service shows.`);
  if (records.length > 1)
    return fail(
      'spf',
      `${spfAt} has ${records.length} SPF records, which counts as none. Keep one (RFC 7208).`,
    );
  if (/\+all\b/i.test(records[0]!))
    return fail('spf', `The SPF record of ${spfAt} lets everybody through (+all). End it with ~all.`);
  if (spfIncludes && !records[0]!.toLowerCase().includes(spfIncludes)) {
    return warn(
      'spf',
      `The SPF record of ${spfAt} does not include ${spfIncludes}. Compare it with what your mail service shows.`,
    );
  }
  return ok('spf', `${spfAt}: ${records[0]!.slice(0, 120)}`);
}

async function examineDkim({ dkimAt }: Signed, resolver: TextResolver): Promise<Check> {
  if (dkimAt === undefined) {
    return warn(
      'dkim',
      'Not checked: the mail server signs, and its selector is not known here. Look for dkim=pass in a mail that arrived.',
    );
  }
  const found = await lookUp(dkimAt, resolver);
  if (typeof found === 'string') return warn('dkim', `${dkimAt} could not be looked up (${found}).`);
  if (found.some((text) => /(^|;)\s*p=\s*[A-Za-z0-9+/]/.test(text))) return ok('dkim', dkimAt);
  return fail('dkim', `${dkimAt} holds no key. Add the record your mail service shows.`);
}

/** RFC 7489: the domain's own record, or that of the domain above it. */
async function examineDmarc(domain: string, resolver: TextResolver): Promise<Check> {
  const labels = domain.split('.');
  for (let from = 0; from <= labels.length - 2; from += 1) {
    const name = `_dmarc.${labels.slice(from).join('.')}`;
    const found = await lookUp(name, resolver);
    if (typeof found === 'string') return warn('dmarc', `${name} could not be looked up (${found}).`);
    const record = found.find((text) => /^v=DMARC1\b/i.test(text));
    if (record)
      return /;\s*p=\s*(none|quarantine|reject)/i.test(record)
        ? ok('dmarc', `${name}: ${record.slice(0, 120)}`)
        : fail('dmarc', `${name} names no policy. Add p=none at least.`);
  }
  return fail(
    'dmarc',
    `_dmarc.${domain} has no record. Add the TXT record "v=DMARC1; p=none" at least; large mailboxes demand one.`,
  );
}

/** The TXT records of a name, their pieces put together; empty where there are none, a reason where nobody could tell. */
async function lookUp(name: string, resolver: TextResolver): Promise<string[] | string> {
  try {
    return (await resolver.resolveTxt(name)).map((pieces) => pieces.join(''));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOTFOUND' || code === 'ENODATA' ? [] : (code ?? reasonOf(error));
  }
}
