import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { abstractCharactersMax, titleCharactersMax } from '../../src/domain/paper.ts';
import { clean, cleanAbstract, cleanName, cleanTitle } from '../../src/sources/clean.ts';
import { cpuMs } from '../support/cpu-time.ts';

const tex = String.raw;

describe('titles become one line of plain text', () => {
  test.each([
    [
      'Hierarchical Backbones as Visual Encoder for Large Multimodal\n  Models',
      'Hierarchical Backbones as Visual Encoder for Large Multimodal Models',
    ],
    ['a\r\nBcc: x@example.org', 'a Bcc: x@example.org'],
    ['Tom &amp; Jerry&#39;s &lt;answer&gt;', "Tom & Jerry's <answer>"],
    ['twice &amp;amp; escaped &amp;lt;', 'twice & escaped <'],
    ['in <answer> tags </answer>', 'in <answer> tags </answer>'],
    ['right\u202Eto\u202Cleft \u2066iso\u2069 \u200Em\u200Fa\u061Crks', 'righttoleft iso marks'],
    ['zero\u200Bwidth\uFEFF soft\u00ADhyphen', 'zerowidth softhyphen'],
    ['nul\u0000 bell\u0007 hole\uE003 \uD800lone\uDC00', 'nul bell hole lone'],
    ['e\u0301tude', 'étude'],
    ['\u3164 \u115F', ''],
  ])('%j', (given, expected) => {
    expect(cleanTitle(given)).toBe(expected);
  });
});

describe('LaTeX becomes what a reader can read', () => {
  test.each([
    [tex`DR$^2$Seg: Decomposed`, 'DR²Seg: Decomposed'],
    [tex`$2\times2$ Games`, '2×2 Games'],
    [tex`N \times M Table`, 'N × M Table'],
    [tex`Top-$k$ Retrieval in $\mathbb{R}^{2k}$`, 'Top-k Retrieval in ℝ²ᵏ'],
    [tex`$L_\infty$ Robust`, 'L_∞ Robust'],
    [tex`$\widetilde{\mathcal{O}}\left(1/\sqrt{n}\right)$`, 'O(1/√n)'],
    [tex`$\frac{a}{b+1}$ and $x_{i,j}$`, 'a/(b+1) and x_(i,j)'],
    [tex`\textsc{LogicScore} is \emph{really \textbf{good}}`, 'LogicScore is really good'],
    [tex`M\'elodie Br\"uck, {\"O}zg\"ur \c{C}a\v{g}, \'\i`, 'Mélodie Brück, Özgür Çaǧ, í'],
    [tex`29.19\% \& 3\_4 \#5`, '29.19% & 3_4 #5'],
    [tex`see \href{https://example.org}{here}\footnote{not there}`, 'see here (not there)'],
    [tex`\ours{} and \OurMethod achieve`, 'ours and OurMethod achieve'],
    [tex`x\textsuperscript{2} and y\textsubscript{a,b}`, 'x² and y_(a,b)'],
    [tex`unbounded 360{\deg} scenes`, 'unbounded 360° scenes'],
    [tex`$≈$100,000 structures`, '≈100,000 structures'],
    ["``quoted'' words", '“quoted” words'],
  ])('%s', (given, expected) => {
    expect(cleanTitle(given)).toBe(expected);
  });

  test.each([
    'trained on $60 GPUs and $70 GPUs',
    'Earns About $80,000 Per Year',
    'a $5-$10 range, or $5/$6',
    'Earn $1 million for 100$ a day',
    'in $200k',
    'Fixing 7,400 Bugs for 1$: Cheap',
  ])('money stays: %s', (given) => {
    expect(cleanTitle(given)).toBe(given);
  });

  test('escaped dollars become money', () => {
    expect(cleanTitle(tex`cost \$5 and \$6`)).toBe('cost $5 and $6');
  });

  test('a formula with a command that Unicode lacks stays as it was written', () => {
    expect(cleanTitle(tex`the $\unknowncommand{3}$ case`)).toBe(tex`the $\unknowncommand{3}$ case`);
  });
});

describe('names', () => {
  test('a lone colon is no name, and a team is one', () => {
    expect(cleanName(' : ')).toBe('');
    expect(cleanName('The ATLAS\nCollaboration')).toBe('The ATLAS Collaboration');
  });
});

/** Text made of what breaks cleaners: markup, marks, surrogates, and ordinary words. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '$',
        '\\',
        '{',
        '}',
        '^',
        '_',
        '&',
        '&amp;',
        '&lt;',
        ';',
        '\\frac',
        '\\text',
        '\\left(',
        '\\$',
        "\\'",
      ),
      fc.constantFrom(
        '\u202E',
        '\u0000',
        '\uE000',
        '\uD800',
        '\uDC00',
        '\r\n',
        '\u0301',
        '\u200D',
        '\u{E0001}',
        '`',
        "''",
      ),
      fc.constantFrom(
        'word',
        ' ',
        '12',
        '\\alpha',
        '\\mathbb{R}',
        '\\begin{x}',
        '\\unicode{x202e}',
        '&#8238;',
        '&amp;amp;',
      ),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

describe('whatever comes in', () => {
  test('cleaning never throws, and what comes out is one visible, bounded line in NFC', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 300 }), (text, max) => {
        const cleaned = clean(text, max);
        expect(cleaned.length).toBeLessThanOrEqual(max);
        expect(cleaned).toBe(cleaned.normalize('NFC'));
        expect(cleaned).toBe(cleaned.trim());
        expect(cleaned).not.toMatch(
          /[\p{Cc}\p{Cs}\p{Co}\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/u,
        );
      }),
      { numRuns: 3000 },
    );
  });

  test('cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 300 }), (text, max) => {
        const once = clean(text, max);
        expect(clean(once, max)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  test('plain words come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[A-Za-z0-9.,:-]{1,12}$/), { maxLength: 12 }), (words) => {
        expect(cleanAbstract(words.join(' '))).toBe(words.join(' '));
      }),
    );
  });

  test.each([
    ['spaces', ' '],
    ['dollars', '$'],
    ['open braces', '\\textbf{'],
    ['entities', '&amp;'],
    ['accents', 'e\u0301'],
    ['backticks', '``'],
    ['words', 'word '],
    ['digits', '1'],
  ])('10 MB of %s are cut in no time', (_, part) => {
    const text = part.repeat(Math.ceil(10_000_000 / part.length));
    const takesMs = cpuMs(() => {
      expect(cleanTitle(text).length).toBeLessThanOrEqual(titleCharactersMax);
      expect(cleanAbstract(text).length).toBeLessThanOrEqual(abstractCharactersMax);
    });
    // A tenth of a second; anything quadratic would take hours.
    expect(takesMs).toBeLessThan(10_000);
  });

  test('a long text is cut at a word, with a mark, and never inside a character', () => {
    expect(clean('alpha beta gamma', 12)).toBe('alpha beta…');
    expect(clean('😀'.repeat(10), 8)).toBe('😀😀😀…');
  });
});
