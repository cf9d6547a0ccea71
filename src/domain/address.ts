import { domainToASCII, domainToUnicode } from 'node:url';
import { hmacSha256, textHmacSha256 } from './hmac.ts';

/** RFC 5321 limits: 64 octets before the @, 254 in all. */
const addressCharactersMax = 254;
const localPartCharactersMax = 64;

/**
 * The address as we store and mail it: lower case, the domain in ASCII. Undefined when it can't be one.
 * Only ASCII local parts without quoting: Resend refuses the rest, and nobody who has one is surprised.
 */
export function normaliseAddress(given: string): string | undefined {
  const text = given.trim();
  if (text.length > addressCharactersMax) return undefined;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  if (at < 1 || local.length > localPartCharactersMax) return undefined;
  // Before the case is levelled: the Kelvin sign, for one, has an ASCII lower case.
  if (!/^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i.test(local)) return undefined;
  const domain = asciiDomain(text.slice(at + 1));
  if (domain === undefined) return undefined;
  const address = `${local.toLowerCase()}@${domain}`;
  return address.length > addressCharactersMax ? undefined : address;
}

/** Node reads a domain as a URL does: it leaves out line breaks, decodes `%61` and stops at a slash. None of it belongs here. */
function asciiDomain(given: string): string | undefined {
  if (!/^[\p{L}\p{M}\p{N}.。．｡-]+$/u.test(given)) return undefined;
  const domain = domainToASCII(given);
  const isName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(domain);
  // Punycode that means nothing stays as it is (RFC 3492); Node 20 refused it of itself, Node 24 does not.
  const isReadable = !/(^|\.)xn--/.test(domainToUnicode(domain));
  return isName && isReadable ? domain : undefined;
}

/** What suppressions keep instead of an address (RULES 16): an HMAC under a key that is never rotated. */
export function addressHash(suppressionKey: Buffer, address: string): Buffer {
  return hmacSha256(suppressionKey, normalized(address));
}

/** The same in hexadecimal, for whoever looks for many. */
export function addressHashHex(suppressionKey: Buffer, address: string): string {
  return textHmacSha256(suppressionKey, normalized(address), 'hex');
}

function normalized(address: string): string {
  return address.trim().toLowerCase();
}

/** Enough of an address for its owner to know it, too little for anybody else: `a•••@uni.test`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, 1)}•••${address.slice(at)}`;
}
