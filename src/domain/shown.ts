/**
 * A text from outside as a sentence for a person may carry it: short, on one line, and without the characters that
 * steer a terminal or turn the direction of writing.
 */
export function shown(text: string, charactersMax = 60): string {
  const characters = Array.from(text.slice(0, charactersMax * 4));
  const isLonger = characters.length > charactersMax;
  const start = characters
    .slice(0, charactersMax)
    .join('')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return isLonger ? `${start}…` : start;
}
