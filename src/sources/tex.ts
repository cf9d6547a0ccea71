import { convertCommand, convertMath, convertSingleScript, wrapper } from './tex-math.ts';

/**
 * LaTeX in titles and abstracts, made readable without a TeX renderer: mail has none.
 * What converts fully loses its markup; what does not stays as the author wrote it.
 */
export function texToUnicode(text: string): string {
  if (!/[\\$`{]/.test(text)) return text;
  const withoutMath = text
    .replace(/\\\(([^\n]{1,300}?)\\\)/g, keepUnless(convertMath))
    .replace(/\\\[([^\n]{1,300}?)\\\]/g, keepUnless(convertMath))
    .replace(/\$\$([^$]{1,300})\$\$/g, keepUnless(convertMath))
    .replace(
      mathInDollars,
      (whole, body: string) => (looksLikeMath(body) ? convertMath(body) : undefined) ?? whole,
    );
  const prose = convertProse(withoutMath);
  return prose.includes('$') ? prose : dropUnknownMacros(prose);
}

/**
 * `$…$` by Pandoc's rule, which leaves money alone: no space just inside, and between two prices no digit behind.
 * `on $60 GPUs and $70 GPUs` has a space before its second dollar.
 */
const mathInDollars =
  /(?<![\\$])\$(?![\s$])((?!\d)[^$]{0,300}?[^\s\\$](?=\$)|[^$]{0,300}?[^\s\\$](?=\$(?!\d)))\$(?!\$)/g;

/** Three plain words in a row are a sentence between two prices, not a formula; so is an amount in words. */
function looksLikeMath(body: string): boolean {
  if (/^[\d.,]+\s*(?:[kKMB]\b|million|billion|thousand|USD|per\b|for\b|and\b|to\b|or\b)/.test(body))
    return false;
  return !/(?:^|\s)[a-z]{2,}[,.;]?\s+[a-z]{2,}[,.;]?\s+[a-z]{2,}/i.test(
    body.replaceAll(/\\[a-z]+\{[^{}]*\}/gi, ''),
  );
}

function keepUnless(convert: (body: string) => string | undefined) {
  return (whole: string, body: string): string => convert(body) ?? whole;
}

const switches = /\{\s*\\(?:em|it|bf|tt|sc|rm|sf|sl|bfseries|itshape|ttfamily|scshape)\b\s*([^{}\\$]*)\}/g;

/** Macros that stand for words. The made-up names (`\ours`) lose their backslash: the word is what it says. */
const words: Record<string, string> = {
  LaTeX: 'LaTeX',
  TeX: 'TeX',
  eg: 'e.g.',
  ie: 'i.e.',
  etal: 'et al.',
  etc: 'etc.',
  ours: 'ours',
  method: 'method',
  methodname: 'method',
  name: 'name',
  model: 'model',
  modelname: 'model',
  dataset: 'dataset',
  framework: 'framework',
  approach: 'approach',
  system: 'system',
  textregistered: '®',
  texttrademark: '™',
  textasciitilde: '~',
  textbackslash: '',
  textendash: '–',
  textemdash: '—',
  ldots: '…',
  dots: '…',
  quad: ' ',
  qquad: ' ',
  deg: '°',
  ss: 'ß',
  o: 'ø',
  O: 'Ø',
  l: 'ł',
  L: 'Ł',
  ae: 'æ',
  AE: 'Æ',
  oe: 'œ',
  OE: 'Œ',
  aa: 'å',
  AA: 'Å',
  i: 'ı',
  j: 'ȷ',
};

function convertProse(text: string): string {
  return convertAccents(text)
    .replace(/``([^`'\n]{1,200})''/g, '“$1”')
    .replace(/\\(?:cite[pt]?|label|ref|vspace|hspace)\*?\{[^{}]*\}/g, '')
    .replace(/\s*\\footnote\{([^{}\\$]*)\}/g, ' ($1)')
    .replace(/\\href\{[^{}]*\}\{([^{}\\$]*)\}/g, '$1')
    .replace(/\\textcolor\{[^{}]*\}\{([^{}\\$]*)\}/g, '$1')
    .replace(/\\color\{[^{}]*\}/g, '')
    .replace(/\\unicode\{x([0-9a-fA-F]{2,5})\}/g, (whole, hex: string) => fromHex(hex) ?? whole)
    .replace(/\\text(super|sub)script\{([^{}\\$]{1,20})\}/g, (_, kind: string, body: string) =>
      convertSingleScript(kind === 'super' ? '^' : '_', body),
    )
    .replace(wrapper, '$1')
    .replace(switches, '$1')
    .replace(/\\mathbb\{([A-Za-z])\}/g, (whole) => convertCommand(whole) ?? whole)
    .replace(
      /\\([A-Za-z]+)(?:\{\}|(?![A-Za-z{]))/g,
      (whole, name: string) => words[name] ?? convertCommand(`\\${name}`) ?? whole,
    )
    .replace(/\\([%&_#{}])/g, '$1')
    .replace(/\\\$/g, '$')
    .replace(/\\(?:\\|[ ,;:/])/g, ' ')
    .replace(/\\[!-]/g, '')
    .replace(/\{([°])\}/g, '$1');
}

/** An author's own macro (`\OurMethod`, `\rev{new words}`) says by its name or content what it stands for. */
function dropUnknownMacros(text: string): string {
  return text
    .replace(/\\(?!begin|end|frac|binom)[A-Za-z]+\{([^{}\\]*[A-Za-z][^{}\\]*)\}/g, '$1')
    .replace(/(?<=^|[\s(])\\([A-Za-z]{4,30})(?:\{\})?(?=$|[\s.,;:)'’-])/g, '$1');
}

const combining: Record<string, string> = {
  "'": '\u0301',
  '`': '\u0300',
  '^': '\u0302',
  '"': '\u0308',
  '~': '\u0303',
  '=': '\u0304',
  '.': '\u0307',
  c: '\u0327',
  v: '\u030C',
  u: '\u0306',
  H: '\u030B',
  k: '\u0328',
  r: '\u030A',
};

/** `\'e`, `\'{e}`, `{\'e}`, `\c{c}`, `\'\i`: letter plus combining mark, which NFC joins afterwards. */
function convertAccents(text: string): string {
  if (!text.includes('\\')) return text;
  const join = (_: string, mark: string, letter: string): string =>
    (letter.startsWith('\\') ? letter.slice(1) : letter) + (combining[mark] ?? '');
  return text
    .replace(/\{\\(['`^"~=.])\s*\{?(\\[ij](?![A-Za-z])|\p{L})\}?\}/gu, join)
    .replace(/\\(['`^"~=.])\{(\\[ij]|\p{L})\}/gu, join)
    .replace(/\\(['`^"~=.])\s?(\\[ij](?![A-Za-z])|\p{L})/gu, join)
    .replace(/\\([cvuHkr])\{(\\[ij]|\p{L})\}/gu, join);
}

function fromHex(hex: string): string | undefined {
  const code = Number.parseInt(hex, 16);
  return code >= 0x20 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
