/** A paper's picture as we serve it: a name made of its content, and its size in pixels. */
export interface Picture {
  name: string;
  width: number;
  height: number;
}

/** Both sizes of a paper's picture: for the head of a digest or page, and beside a title. */
export interface Pictures {
  wide: Picture;
  small: Picture;
}

/** Where it is served: the same address always gives the same bytes. */
export function picturePath({ name }: Picture): string {
  return `/pictures/${name}.jpg`;
}

/** The name in the last part of such an address; undefined for anything else. A SHA-256 in base64url. */
export function readPictureName(file: string): string | undefined {
  return /^([A-Za-z0-9_-]{43})\.jpg$/.exec(file)?.[1];
}

/** Social cards and uploads that Hugging Face serves itself; a picture from elsewhere is left out (RULES 25). */
export const pictureHosts: ReadonlySet<string> = new Set([
  'cdn-thumbnails.huggingface.co',
  'cdn-uploads.huggingface.co',
  'huggingface.co',
]);

/** Whether a picture may be fetched from there: https, the usual port, a host on the list, no password. */
export function isPictureAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, username, password } = new URL(address);
  return protocol === 'https:' && pictureHosts.has(host) && username === '' && password === '';
}
