import type { ReactElement, ReactNode } from 'react';
import { light } from './theme.ts';

/** What a link looks like: `link` is an action, `quiet` one that is there when looked for, `ink` reads as text. */
export type LinkTone = 'link' | 'quiet' | 'quiet underlined' | 'ink';

/**
 * A link in few bytes: a digest of thirty papers has two hundred, and React Email's own Link costs 60 bytes more each. The
 * target is said once, by <base> in the head.
 */
export function TextLink({
  tone,
  href,
  children,
}: {
  tone: LinkTone;
  href: string;
  children: ReactNode;
}): ReactElement {
  const { className, style } = tones[tone];
  return (
    <a className={className} href={href} style={style}>
      {children}
    </a>
  );
}

const tones = {
  link: { className: 'link', style: { color: light.link } },
  quiet: { className: 'soft', style: { color: light.soft, textDecoration: 'none' } },
  'quiet underlined': { className: 'soft', style: { color: light.soft, textDecoration: 'underline' } },
  ink: { className: 'ink', style: { color: light.ink, textDecoration: 'none' } },
} as const;
