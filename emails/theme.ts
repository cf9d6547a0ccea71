/**
 * The look in one place: a newspaper, not an app. Warm paper, near-black ink, thin rules, serif titles.
 * Every pair of text and paper has a contrast of at least 4.5 : 1 in both schemes (a test holds that).
 */
export const light = {
  paper: '#fbf9f4',
  ink: '#1d1b16',
  soft: '#6b665a',
  rule: '#ddd7c9',
  why: '#9a3412',
  link: '#1f4e79',
} as const;

export const dark = {
  paper: '#171613',
  ink: '#ece7db',
  soft: '#a39c8c',
  rule: '#37332b',
  why: '#f0a070',
  link: '#9cc4ea',
} as const;

export const serif = 'Georgia,Iowan Old Style,Times New Roman,serif';
export const sans = '-apple-system,Segoe UI,Helvetica,Arial,sans-serif';

/** The sheet's width on a desktop, in CSS pixels. */
export const sheetWidth = 640;

/**
 * All that a mail's <style> adds to its inline styles: the dark scheme, and touches that may be lost. The same rules a
 * second time for Outlook on the web, which takes no media query for the scheme but marks what it darkens.
 */
export function styleSheet(): string {
  const rules: [string, string][] = [
    ['.paper', `background-color:${dark.paper}!important`],
    ['.paper td', `background-color:${dark.paper}!important`],
    ['.ink', `color:${dark.ink}!important`],
    ['.soft', `color:${dark.soft}!important`],
    ['.why', `color:${dark.why}!important`],
    ['.link', `color:${dark.link}!important`],
    ['.rule', `border-color:${dark.rule}!important`],
    ['.mast', `border-color:${dark.ink}!important`],
  ];
  const inDark = rules.map(([selector, value]) => `${selector}{${value}}`).join('');
  const inOutlook = rules
    .map(
      ([selector, value]) =>
        `[${value.startsWith('background') ? 'data-ogsb' : 'data-ogsc'}] ${selector}{${value}}`,
    )
    .join('');
  return (
    ':root{color-scheme:light dark;supported-color-schemes:light dark}' +
    'body{-webkit-text-size-adjust:100%}' +
    // Outlook on Windows hands no font down into a table; everyone else has it from the sheet.
    `td,p{font-family:${sans}}` +
    '.link{text-underline-offset:3px}a.link,a.soft{white-space:nowrap}' +
    '@media (max-width:480px){.sheet{padding:24px 18px 36px!important}}' +
    `@media (prefers-color-scheme:dark){${inDark}}` +
    inOutlook
  );
}
