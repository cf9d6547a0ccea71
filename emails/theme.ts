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

export const serif = 'Georgia,serif';
export const sans = '-apple-system,Segoe UI,Helvetica,Arial,sans-serif';

/** The sheet's width on a desktop, in CSS pixels. */
export const sheetWidth = 640;

/** What is written on: its size, ink and family hold for every paragraph that says nothing else. */
export const sheet = {
  color: light.ink,
  font: `16px/25px ${sans}`,
  padding: '28px 22px 40px',
  textAlign: 'left',
  wordBreak: 'break-word',
} as const;

/** A thin line below the last paragraph of a card, with room on either side. */
export const rule = {
  borderBottom: `1px solid ${light.rule}`,
  paddingBottom: '22px',
  margin: '0 0 22px',
} as const;

/**
 * All that a mail's <style> adds to its inline styles: the dark scheme, and touches that may be lost. The same rules a
 * second time for Outlook on the web, which takes no media query for the scheme but marks what it darkens.
 */
export function styleSheet(): string {
  const rules: [string, string][] = [
    ['.paper', `background-color:${dark.paper}!important`],
    ['.paper td', `background-color:${dark.paper}!important`],
    ['.sheet', `color:${dark.ink}!important`],
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
    '.link{text-decoration:underline;text-underline-offset:3px}a.link,a.soft{white-space:nowrap}' +
    '@media (max-width:480px){.sheet{padding:24px 18px 36px!important}}' +
    `@media (prefers-color-scheme:dark){${inDark}}` +
    inOutlook
  );
}
