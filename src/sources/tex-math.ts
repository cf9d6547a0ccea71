import { replace } from 'unicodeit';

/**
 * Formulas and single commands of LaTeX as Unicode.
 *
 * unicodeit replaces by prefix (`\left(` becomes `≤ft(`), so it is asked about one command at a time, and an
 * answer that still holds a letter of the command is refused.
 */

/** A formula in Unicode, or undefined when a command of it has no counterpart there. */
export function convertMath(source: string): string | undefined {
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
        (_, letter: string) => convertCommand(`\\mathbb{${letter}}`) ?? letter,
      )
      .replace(/\\([A-Za-z]+)/g, (whole, name: string) =>
        structural.has(name) ? whole : (convertCommand(whole) ?? whole),
      )
      .replace(/([\^_])\{([^{}\\^_]*)\}/g, (_, mark: string, body: string) =>
        convertScript(mark, body.trim()),
      )
      .replace(/([\^_])([^\s{}\\^_])/gu, (_, mark: string, body: string) => convertScript(mark, body))
      .replace(/(?<![\\\w])\{([^{}\\]*)\}/g, '$1');
    if (text === before) break;
  }
  text = restoreMarks(text.replace(/\\([%&_#{}])/g, '$1'));
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

/** One superscript (`^`) or subscript (`_`) as text. */
export const convertSingleScript = (mark: string, body: string): string =>
  restoreMarks(convertScript(mark, body));

/** x² and xₜ where Unicode has the letters; `x^(k+1)` and `d_max` where it has not. */
function convertScript(mark: string, body: string): string {
  if (body === '') return '';
  const converted = replace(`${mark}{${body}}`);
  if (!/[\^_{}]/.test(converted)) return converted;
  // Control characters stand for the mark meanwhile, so that the next round does not take it for markup.
  const kept = mark === '_' ? '\u0002' : '\u0003';
  return kept + (/^[\p{L}\p{N}∞*+]+$/u.test(body) ? body : `(${body})`);
}

const restoreMarks = (text: string): string => text.replaceAll('\u0002', '_').replaceAll('\u0003', '^');

const commands = new Map<string, string | undefined>();

/** One command (`\alpha`, `\mathbb{R}`) as unicodeit has it; undefined when it has not. */
export function convertCommand(source: string): string | undefined {
  if (commands.has(source)) return commands.get(source);
  const answer = replace(source);
  const found = answer === '' || /[\\{}A-Za-z]/.test(answer) ? undefined : answer;
  if (commands.size < commandsMax) commands.set(source, found);
  return found;
}
const commandsMax = 5000;

/** Commands of prose whose content is all that matters. */
const wrappers =
  'textbf|textit|texttt|textsc|textrm|textsf|textsl|textup|textmd|textnormal|text|emph|underline|uline|mbox|hbox|' +
  'mathrm|mathbf|mathit|mathsf|mathtt|mathcal|mathscr|mathfrak|mathnormal|operatorname|boldsymbol|bm|pmb|' +
  'ensuremath|url|path|nolinkurl|small|large|bold|scshape';
export const wrapper = new RegExp(String.raw`\\(?:${wrappers})\*?\s*\{([^{}\\$]*)\}`, 'g');
