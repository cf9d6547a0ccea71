/** Pictures come from these hosts or are left out (RULES 25): the browser enforces what this list says. */
export const pictureHosts: ReadonlySet<string> = new Set([
  'cdn-thumbnails.huggingface.co',
  'cdn-uploads.huggingface.co',
]);

/** The picture's address when it may be shown, otherwise undefined. */
export function pictureOf(address: string | null): string | undefined {
  if (!address || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.protocol === 'https:' && pictureHosts.has(url.host) ? url.href : undefined;
}
