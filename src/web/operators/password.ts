import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Config } from '../../config.ts';

export const sessionLastsS = 12 * 3_600;

/** Whether this is the operators' password. Takes as long for any other. */
export function isPassword(config: Config, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(config.operatorPassword));
}

/** The password that a program sends: with HTTP Basic under any name, or as a bearer token. */
export function givenPassword(authorization: string | undefined): string | undefined {
  const bearer = /^Bearer ([\x21-\x7e]{1,400})$/i.exec(authorization ?? '');
  if (bearer) return bearer[1];
  const basic = /^Basic ([A-Za-z0-9+/=]{1,400})$/i.exec(authorization ?? '');
  if (!basic) return undefined;
  const pair = Buffer.from(basic[1]!, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : pair.slice(colon + 1);
}

/** What the cookie of a session holds: until when, and the proof that we said so. */
export function signSession(config: Config, nowMs: number): string {
  const expiresS = Math.floor(nowMs / 1000) + sessionLastsS;
  return `${expiresS}.${proofOf(config, expiresS)}`;
}

/** Whether a cookie's value is a session of ours that still lasts. A new password or signing key ends them all. */
export function isSession(config: Config, value: string, nowMs: number): boolean {
  const found = /^(\d{1,12})\.([A-Za-z0-9_-]{43})$/.exec(value);
  if (!found) return false;
  const expiresS = Number(found[1]);
  const isOurs = timingSafeEqual(Buffer.from(proofOf(config, expiresS)), Buffer.from(found[2]!));
  return isOurs && nowMs < expiresS * 1000;
}

function proofOf(config: Config, expiresS: number): string {
  const key = createHmac('sha256', config.keys[0].secret)
    .update(`operators\0${config.operatorPassword}`)
    .digest();
  return createHmac('sha256', key).update(`session ${expiresS}`).digest('base64url');
}
