/**
 * What comes from outside loses, at this border once more, every character that could lie about what is shown or be
 * taken for a hole: controls, direction overrides, invisible ones, private use, lone surrogates.
 * Line breaks and other spaces become one space.
 */
export function clean(text: string): string {
  return text.replace(/\s+/g, ' ').replace(hostile, '').replace(/ {2,}/g, ' ').trim();
}

const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/gu;

/** How many characters a reader sees, near enough: code points. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** At most `charactersMax` characters, cut at a word's end where there is one near, with an ellipsis. */
export function cutAtWord(text: string, charactersMax: number): string {
  const characters = Array.from(text);
  if (characters.length <= charactersMax) return text;
  if (charactersMax < 1) return '';
  const kept = characters.slice(0, charactersMax - 1).join('');
  const next = characters[charactersMax - 1];
  const space = next === ' ' ? kept.length : kept.lastIndexOf(' ');
  // A text without spaces (Chinese, or one endless word) is cut where it stands.
  const cut = space > kept.length / 2 ? kept.slice(0, space) : kept;
  return `${cut.replace(/[\s,;:.–—-]+$/u, '')}…`;
}

/** The address as an href, or undefined when it is not https, carries a password, or is absurdly long. */
export function httpsUrl(address: string | null | undefined): string | undefined {
  if (!address || address.length > urlCharactersMax || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== 'https:' || url.username || url.password) return undefined;
  return url.href.length > urlCharactersMax ? undefined : url.href;
}

const urlCharactersMax = 400;
