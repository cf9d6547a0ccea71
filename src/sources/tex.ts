import { replace } from 'unicodeit';

/**
 * LaTeX in titles and abstracts, made readable without a TeX renderer: mail has none.
 * What converts fully loses its markup; what does not stays as the author wrote it.
 *
 * unicodeit replaces by prefix (`\left(` becomes `≤ft(`), so it is asked about one command at a time, and an
 * answer that still holds a letter of the command is refused.
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

/** Commands of prose whose content is all that matters. */
const wrappers =
  'textbf|textit|texttt|textsc|textrm|textsf|textsl|textup|textmd|textnormal|text|emph|underline|uline|mbox|hbox|' +
  'mathrm|mathbf|mathit|mathsf|mathtt|mathcal|mathscr|mathfrak|mathnormal|operatorname|boldsymbol|bm|pmb|' +
  'ensuremath|url|path|nolinkurl|small|large|bold|scshape';
const wrapper = new RegExp(String.raw`\\(?:${wrappers})\*?\s*\{([^{}\\$]*)\}`, 'g');
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
      convertScript(kind === 'super' ? '^' : '_', body),
    )
    .replace(wrapper, '$1')
    .replace(switches, '$1')
    .replace(/\\mathbb\{([A-Za-z])\}/g, (whole) => command(whole) ?? whole)
    .replace(
      /\\([A-Za-z]+)(?:\{\}|(?![A-Za-z{]))/g,
      (whole, name: string) => words[name] ?? command(`\\${name}`) ?? whole,
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

/** A formula in Unicode, or undefined when a command of it has no counterpart there. */
function convertMath(source: string): string | undefined {
  let text = source
    .replace(
      /\\(?:left|right|big|Big|bigg|Bigg|displaystyle|textstyle|limits|nolimits)(?![A-Za-z])[lr.]?/g,
      '',
    )
    .replace(/\\[,;:> ]|~|\\quad|\\qquad|\\\\/g, ' ')
    .replace(/\\!|\\allowbreak/g, '')
    .replace(/\\(?:dots[cbmio]?|cdots|ldots)(?![A-Za-z])/g, '…')
    .replace(/\\pmod\s*\{([^{}]*)\}/g, '(mod $1)')
    .replace(/\\(?:lVert|rVert|\|)/g, '‖')
    .replace(
      /\\(log|ln|exp|max|min|arg|sup|inf|lim|det|Pr|sin|cos|tan|tanh|deg|dim|ker|gcd|mod)(?![A-Za-z])\s*/g,
      '$1 ',
    );
  // Innermost groups first; eight levels are deeper than any formula of an abstract.
  for (let level = 0; level < 8; level += 1) {
    const before = text;
    text = text
      .replace(wrapper, '$1')
      .replace(/\\(?:mathrm|mathbf|mathcal|mathsf|bf|rm|cal)\s+([A-Za-z0-9]+)/g, '$1')
      .replace(
        /\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g,
        (_, a: string, b: string) => `${group(a)}/${group(b)}`,
      )
      .replace(/\\sqrt\s*\{([^{}]*)\}/g, (_, body: string) => `√${group(body)}`)
      .replace(/\\(?:wide)?(?:tilde|hat|bar)\s*\{?([A-Za-z])\}?/g, (_whole, letter: string) => letter)
      .replace(
        /\\mathbb\s*\{?([A-Za-z])\}?/g,
        (_, letter: string) => command(`\\mathbb{${letter}}`) ?? letter,
      )
      .replace(/\\([A-Za-z]+)/g, (whole, name: string) =>
        structural.has(name) ? whole : (command(whole) ?? whole),
      )
      .replace(/([\^_])\{([^{}\\^_]*)\}/g, (_, mark: string, body: string) =>
        convertScript(mark, body.trim()),
      )
      .replace(/([\^_])([^\s{}\\^_])/gu, (_, mark: string, body: string) => convertScript(mark, body))
      .replace(/(?<![\\\w])\{([^{}\\]*)\}/g, '$1');
    if (text === before) break;
  }
  text = text
    .replace(/\\([%&_#{}])/g, '$1')
    .replaceAll('\u0002', '_')
    .replaceAll('\u0003', '^');
  return /[\\$]/.test(text) ? undefined : text;
}

const structural = new Set([
  'frac',
  'dfrac',
  'tfrac',
  'sqrt',
  'mathbb',
  'tilde',
  'hat',
  'bar',
  'widetilde',
  'widehat',
]);

const group = (body: string): string =>
  /^[\p{L}\p{N}.]*$/u.test(body.trim()) ? body.trim() : `(${body.trim()})`;

/** x² and xₜ where Unicode has the letters; `x^(k+1)` and `d_max` where it has not. */
function convertScript(mark: string, body: string): string {
  if (body === '') return '';
  const converted = replace(`${mark}{${body}}`);
  if (!/[\^_{}]/.test(converted)) return converted;
  // Control characters stand for the mark meanwhile, so that the next round does not take it for markup.
  const kept = mark === '_' ? '\u0002' : '\u0003';
  return kept + (/^[\p{L}\p{N}∞*+]+$/u.test(body) ? body : `(${body})`);
}

const commands = new Map<string, string | undefined>();

/** One command (`\alpha`, `\mathbb{R}`) as unicodeit has it; undefined when it has not. */
function command(source: string): string | undefined {
  if (commands.has(source)) return commands.get(source);
  const answer = replace(source);
  const found = answer === '' || /[\\{}A-Za-z]/.test(answer) ? undefined : answer;
  if (commands.size < commandsMax) commands.set(source, found);
  return found;
}
const commandsMax = 5000;

function fromHex(hex: string): string | undefined {
  const code = Number.parseInt(hex, 16);
  return code >= 0x20 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
