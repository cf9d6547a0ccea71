import { isPictureAddress } from '../domain/picture.ts';

/** An https link without credentials, as the URL parser writes it; all others are left out (RULES 25). */
export function httpsLink(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > linkCharactersMax || !/^https:\/\//i.test(value.trim()))
    return undefined;
  const trimmed = value.trim();
  if (/[\p{C}\s"<>\\^`{|}]/u.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  return hostPattern.test(url.hostname) && url.href.length <= linkCharactersMax ? url.href : undefined;
}
const linkCharactersMax = 500;
/** A name with a dot and letters in its last part: no bare hosts, no addresses. */
const hostPattern = /^(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*[a-z0-9]$/i;

/** A picture, when its host is one that we fetch from (RULES 25). */
export function pictureLink(value: unknown): string | undefined {
  const link = httpsLink(value);
  return link !== undefined && isPictureAddress(link) ? link : undefined;
}
