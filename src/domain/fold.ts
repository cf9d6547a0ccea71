/**
 * Letters as they compare: lower case, without accents, and with the ligatures and strokes of European names spelled
 * out. What is between words (points, hyphens, commas, quotes) becomes a space; the umlauts stay, because German names
 * are written in two ways without them.
 */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/(?<![aouAOU])\p{M}|(?<=[aouAOU])(?!\u0308)\p{M}/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[æœøłđðþßı]/g, (letter) => spelledOut[letter]!)
    .replaceAll(/[’'`´ʼ]/g, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const spelledOut: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ß: 'ss',
  ı: 'i',
};

/** The ways in which a folded text is written without umlauts: `müller` as `muller` and `mueller`. */
export function withoutUmlauts(folded: string): string[] {
  const bare = folded.replaceAll(/[äöü]/g, (letter) => umlauts[letter]![0]!);
  const expanded = folded.replaceAll(/[äöü]/g, (letter) => umlauts[letter]!);
  return bare === expanded ? [bare] : [bare, expanded];
}

const umlauts: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue' };
