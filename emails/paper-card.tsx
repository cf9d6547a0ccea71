import type { ReactElement, ReactNode } from 'react';
import { Heading, Img } from 'react-email';
import { words } from '../src/words/words.ts';
import { type LinkTone, TextLink } from './text-link.tsx';
import { light, rule, serif, sheetWidth } from './theme.ts';

export interface CardLink {
  label: string;
  href: string;
}

/** One paper, ready to be shown: every text is cut to its length, every address is https. */
export interface PaperCardProps {
  lead: boolean;
  /** Why it is here, in a few words. */
  why: string;
  title: string;
  href: string | undefined;
  /** Who and when, and the numbers. */
  meta: string;
  sentences: string;
  /** An editor's word on it; empty where there is none. */
  note: string;
  links: readonly CardLink[];
  /** Where a reader says "more like this" or "less", which changes the next digest. */
  tasteHref: string | undefined;
  /** Its address and its size in pixels. */
  picture: { src: string; width: number; height: number } | undefined;
}

/**
 * A paper in the digest: why, title, who and when, a few sentences, what you can do. Each text is one string: between
 * two neighbouring strings React would write a comment, and the frozen pieces would no longer add up to the whole.
 *
 * In few bytes, since a digest has up to thirty: plain paragraphs, whose size and ink are the sheet's where nothing is
 * said, and a rule below the last. React Email's Section and Text would make each card 350 bytes longer.
 */
export function PaperCard(card: PaperCardProps): ReactElement {
  return (
    <>
      {card.picture ? <Picture {...card.picture} href={card.href} /> : null}
      <p className="why" style={styles.why}>
        {card.why}
      </p>
      <Heading as="h2" style={card.lead ? styles.leadTitle : styles.title}>
        {card.href ? (
          <TextLink tone="ink" href={card.href}>
            {card.title}
          </TextLink>
        ) : (
          card.title
        )}
      </Heading>
      {card.meta ? (
        <p className="soft" style={styles.meta}>
          {card.meta}
        </p>
      ) : null}
      {card.note ? (
        <p className="rule" style={styles.note}>
          <b>{words.paper.editorNote}</b>
          {` ${card.note}`}
        </p>
      ) : null}
      {card.sentences ? <p style={styles.sentences}>{card.sentences}</p> : null}
      <p className="rule" style={styles.links}>
        {spaced([...textLinks('link', card.links), ...textLinks('quiet', tasteLinks(card.tasteHref))])}
      </p>
    </>
  );
}

interface PictureProps extends NonNullable<PaperCardProps['picture']> {
  href: string | undefined;
}

/** The picture, full width. With pictures off a client shows its alternative text in the same quiet type. */
function Picture({ src, width, height, href }: PictureProps): ReactElement {
  // Low priority, or React would put a preload link in front of the card.
  const picture = (
    <Img
      className="soft"
      src={src}
      alt={words.paper.picture}
      width={sheetWidth}
      height={Math.round((sheetWidth * height) / width)}
      fetchPriority="low"
      style={styles.picture}
    />
  );
  if (!href) return picture;
  return (
    <TextLink tone="quiet" href={href}>
      {picture}
    </TextLink>
  );
}

function tasteLinks(href: string | undefined): CardLink[] {
  if (!href) return [];
  return [
    { label: words.paper.moreLikeThis, href: `${href}&say=more` },
    { label: words.paper.less, href: `${href}&say=less` },
  ];
}

function textLinks(tone: LinkTone, links: readonly CardLink[]): ReactElement[] {
  return links.map(({ label, href }) => (
    <TextLink key={label} tone={tone} href={href}>
      {label}
    </TextLink>
  ));
}

/** A wide space between links, not margins: it holds where a client drops margins, and breaks a line well. */
function spaced(links: readonly ReactElement[]): ReactNode[] {
  return links.flatMap((link, index) => (index === 0 ? [link] : ['\u2003', link]));
}

const small = { fontSize: '13px', lineHeight: '20px' } as const;
const styles = {
  why: { ...small, color: light.why, margin: '0 0 6px' },
  title: { font: `700 20px/26px ${serif}`, margin: '0 0 6px' },
  leadTitle: { font: `700 26px/32px ${serif}`, margin: '0 0 6px' },
  meta: { ...small, color: light.soft, margin: '0 0 8px' },
  note: {
    fontSize: '15px',
    lineHeight: '23px',
    borderLeft: `3px solid ${light.rule}`,
    padding: '0 0 0 12px',
    margin: '0 0 10px',
  },
  sentences: { margin: '0 0 10px' },
  links: { fontSize: '14px', lineHeight: '24px', ...rule },
  picture: {
    color: light.soft,
    borderRadius: '4px',
    fontSize: '13px',
    width: '100%',
    height: 'auto',
    margin: '36px 0 16px',
  },
} as const;
