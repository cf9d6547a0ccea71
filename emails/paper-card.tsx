import type { ReactElement, ReactNode } from 'react';
import { Heading, Img, Link, Section, Text } from 'react-email';
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
  links: readonly CardLink[];
  /** The links that change the next digest. */
  tasteLinks: readonly CardLink[];
  picture: string | undefined;
}

/**
 * A paper in the digest: why, title, who and when, a few sentences, what you can do. Each text is one string: between
 * two neighbouring strings React would write a comment, and the frozen pieces would no longer add up to the whole.
 */
export function PaperCard(card: PaperCardProps): ReactElement {
  return (
    <Section className="rule" style={{ borderBottom: `1px solid ${light.rule}`, padding: '22px 0' }}>
      {card.picture ? <Picture src={card.picture} href={card.href} /> : null}
      <Text className="why" style={{ ...styles.small, color: light.why }}>
        {card.why}
      </Text>
      <Heading as="h2" className="ink" style={card.lead ? styles.leadTitle : styles.title}>
        {card.href ? (
          <Link className="ink" href={card.href} style={styles.titleLink}>
            {card.title}
          </Link>
        ) : (
          card.title
        )}
      </Heading>
      {card.meta ? (
        <Text className="soft" style={{ ...styles.small, color: light.soft, marginBottom: '8px' }}>
          {card.meta}
        </Text>
      ) : null}
      {card.sentences ? (
        <Text className="ink" style={styles.sentences}>
          {card.sentences}
        </Text>
      ) : null}
      <Text className="soft" style={styles.links}>
        {spaced([
          ...card.links.map((link) => textLink(link, 'link', styles.link)),
          ...card.tasteLinks.map((link) => textLink(link, 'soft', styles.tasteLink)),
        ])}
      </Text>
    </Section>
  );
}

function Picture({ src, href }: { src: string; href: string | undefined }): ReactElement {
  const picture = (
    // Low priority, or React would put a preload link in front of the card.
    <Img
      className="soft"
      src={src}
      alt="Picture of the paper"
      width={sheetWidth}
      fetchPriority="low"
      style={styles.picture}
    />
  );
  return href ? <Link href={href}>{picture}</Link> : picture;
}

function textLink({ label, href }: CardLink, className: string, style: object): ReactElement {
  return (
    <Link key={label} className={className} href={href} style={style}>
      {label}
    </Link>
  );
}

/** Spaces between links, not margins: they hold where a client drops margins, and break a line well. */
function spaced(links: readonly ReactElement[]): ReactNode[] {
  return links.flatMap((link, index) => (index === 0 ? [link] : ['\u00a0\u00a0\u00a0 ', link]));
}

const styles = {
  small: { fontSize: '13px', lineHeight: '20px', marginTop: '0', marginBottom: '6px' },
  title: { color: light.ink, font: `700 20px/26px ${serif}`, margin: '0 0 6px' },
  leadTitle: { color: light.ink, font: `700 26px/32px ${serif}`, margin: '0 0 6px' },
  titleLink: { color: light.ink, textDecorationLine: undefined, textDecoration: 'none' },
  sentences: {
    color: light.ink,
    fontSize: '16px',
    lineHeight: '25px',
    marginTop: '0',
    marginBottom: '10px',
  },
  links: {
    color: light.soft,
    fontSize: '14px',
    lineHeight: '24px',
    marginTop: '0',
    marginBottom: '0',
  },
  link: { color: light.link, textDecorationLine: undefined, textDecoration: 'underline' },
  tasteLink: { color: light.soft, textDecorationLine: undefined, textDecoration: 'none' },
  picture: {
    backgroundColor: light.rule,
    borderRadius: '4px',
    color: light.soft,
    fontSize: '14px',
    width: '100%',
    height: 'auto',
    margin: '14px 0 16px',
  },
} as const;
