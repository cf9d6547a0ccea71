import type { ReactElement, ReactNode } from 'react';
import { Heading, Img, Section, Text } from 'react-email';
import { words } from '../src/words/words.ts';
import { type LinkTone, TextLink } from './text-link.tsx';
import { light, serif, sheetWidth } from './theme.ts';

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
  /** The links that change the next digest. */
  tasteLinks: readonly CardLink[];
  /** Its address and its size in pixels. */
  picture: { src: string; width: number; height: number } | undefined;
}

/**
 * A paper in the digest: why, title, who and when, a few sentences, what you can do. Each text is one string: between
 * two neighbouring strings React would write a comment, and the frozen pieces would no longer add up to the whole.
 */
export function PaperCard(card: PaperCardProps): ReactElement {
  return (
    <Section className="rule" style={{ borderBottom: `1px solid ${light.rule}`, padding: '22px 0' }}>
      {card.picture ? <Picture {...card.picture} href={card.href} /> : null}
      <Text className="why" style={styles.why}>
        {card.why}
      </Text>
      <Heading as="h2" style={card.lead ? styles.leadTitle : styles.title}>
        {card.href ? (
          <TextLink tone="ink" href={card.href}>
            {card.title}
          </TextLink>
        ) : (
          <span className="ink">{card.title}</span>
        )}
      </Heading>
      {card.meta ? (
        <Text className="soft" style={styles.meta}>
          {card.meta}
        </Text>
      ) : null}
      {card.note ? (
        <Text className="ink rule" style={styles.note}>
          <b>{words.paper.editorNote}</b>
          {` ${card.note}`}
        </Text>
      ) : null}
      {card.sentences ? (
        <Text className="ink" style={styles.sentences}>
          {card.sentences}
        </Text>
      ) : null}
      <Text style={styles.links}>
        {spaced([...textLinks('link', card.links), ...textLinks('quiet', card.tasteLinks)])}
      </Text>
    </Section>
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

function textLinks(tone: LinkTone, links: readonly CardLink[]): ReactElement[] {
  return links.map(({ label, href }) => (
    <TextLink key={label} tone={tone} href={href}>
      {label}
    </TextLink>
  ));
}

/** Spaces between links, not margins: they hold where a client drops margins, and break a line well. */
function spaced(links: readonly ReactElement[]): ReactNode[] {
  return links.flatMap((link, index) => (index === 0 ? [link] : ['\u00a0\u00a0\u00a0 ', link]));
}

const small = { fontSize: '13px', lineHeight: '20px', marginTop: '0' } as const;
const styles = {
  why: { ...small, color: light.why, marginBottom: '6px' },
  title: { font: `700 20px/26px ${serif}`, margin: '0 0 6px' },
  leadTitle: { font: `700 26px/32px ${serif}`, margin: '0 0 6px' },
  meta: { ...small, color: light.soft, marginBottom: '8px' },
  note: {
    color: light.ink,
    fontSize: '15px',
    lineHeight: '23px',
    borderLeft: `3px solid ${light.rule}`,
    padding: '0 0 0 12px',
    margin: '0 0 10px',
  },
  sentences: { color: light.ink, fontSize: '16px', lineHeight: '25px', marginTop: '0', marginBottom: '10px' },
  links: { fontSize: '14px', lineHeight: '24px', marginTop: '0', marginBottom: '0' },
  picture: {
    color: light.soft,
    borderRadius: '4px',
    fontSize: '13px',
    width: '100%',
    height: 'auto',
    margin: '14px 0 16px',
  },
} as const;
