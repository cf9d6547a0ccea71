import type { ReactElement, ReactNode } from 'react';
import { Body, Column, Head, Heading, Html, Row } from 'react-email';
import { TextLink } from './text-link.tsx';
import { words } from '../src/words/words.ts';
import { light, serif, sheet, sheetWidth, styleSheet } from './theme.ts';

/** A topic as the foot names it, or how many more there are. */
export type FootTopic = { name: string } | { more: number };

export interface DigestProps {
  subject: string;
  dayline: string;
  /** When it comes: "at 07:00 in Paris". */
  slotLine: string;
  /** A string is the hole that takes them all. */
  topics: string | readonly FootTopic[];
  links: { preferences: string; browser: string; unsubscribe: string };
  postalAddress: string;
  /** The cards, or the hole that takes them all. */
  children: ReactNode;
}

/**
 * The whole digest: masthead, cards, foot. The same component, given holes, is the shell that cards are spliced into;
 * so each text stays one string, and nothing here depends on how many cards there are.
 */
export function Digest(props: DigestProps): ReactElement {
  return (
    <Html lang={words.language}>
      <Head>
        <base target="_blank" />
        <title>{props.subject}</title>
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style dangerouslySetInnerHTML={{ __html: styleSheet() }} />
      </Head>
      <Body className="paper" style={{ margin: '0', padding: '0', backgroundColor: light.paper }}>
        <div style={styles.preheader}>{`${props.dayline} ${preheaderEnd}`}</div>
        <Row>
          <Column />
          <Column className="sheet" width={sheetWidth} style={sheet}>
            <Masthead dayline={props.dayline} />
            {props.children}
            <Foot {...props} />
          </Column>
          <Column />
        </Row>
      </Body>
    </Html>
  );
}

function Masthead({ dayline }: { dayline: string }): ReactElement {
  return (
    <>
      <Heading as="h1" style={styles.name}>
        {words.name}
      </Heading>
      <p className="soft mast" style={styles.dayline}>
        {dayline}
      </p>
    </>
  );
}

function Foot({ slotLine, topics, links, postalAddress }: DigestProps): ReactElement {
  return (
    <>
      <p className="soft" style={styles.foot}>
        {oneString([digest.youGetThis(slotLine), ...becauseYouFollow(topics), digest.htmlEnd])}
      </p>
      <p className="soft" style={styles.foot}>
        <TextLink tone="quiet underlined" href={links.preferences}>
          {digest.changeTopics}
        </TextLink>
        {middot}
        <TextLink tone="quiet underlined" href={links.browser}>
          {digest.viewInBrowser}
        </TextLink>
        {middot}
        <TextLink tone="quiet underlined" href={links.unsubscribe}>
          {digest.unsubscribe}
        </TextLink>
      </p>
      <p className="soft" style={styles.foot}>
        {postalAddress}
      </p>
    </>
  );
}

/** " because you follow A, B and 3 more", or nothing for a reader who follows nothing by name. */
function becauseYouFollow(topics: DigestProps['topics']): ReactNode[] {
  if (typeof topics === 'string') return [topics];
  const { before, between, last } = digest.because.html;
  return topics.flatMap((topic, index) => {
    const joint = index === 0 ? before : index === topics.length - 1 ? last : between;
    return [joint, 'more' in topic ? digest.moreTopics(topic.more) : <b key={index}>{topic.name}</b>];
  });
}

/** Neighbouring strings become one, so that React writes no comment between them. */
function oneString(nodes: readonly ReactNode[]): ReactNode[] {
  const merged: ReactNode[] = [];
  for (const node of nodes) {
    const last = merged.at(-1);
    if (typeof node === 'string' && typeof last === 'string') merged[merged.length - 1] = last + node;
    else merged.push(node);
  }
  return merged;
}

const { digest } = words;
const middot = '\u00a0\u00a0·\u00a0 ';

/** Room after the preheader, so that an inbox shows it alone and not the masthead again. */
const preheaderEnd = '\u2007\u034f'.repeat(40);

const styles = {
  preheader: {
    display: 'none',
    overflow: 'hidden',
    maxHeight: '0',
    maxWidth: '0',
    opacity: '0',
    lineHeight: '1px',
    msoHide: 'all',
  },
  name: { font: `700 38px/42px ${serif}`, letterSpacing: '-.5px', margin: '0' },
  dayline: {
    color: light.soft,
    fontSize: '14px',
    lineHeight: '21px',
    borderBottom: `3px double ${light.ink}`,
    paddingBottom: '14px',
    margin: '8px 0 22px',
  },
  foot: { color: light.soft, fontSize: '13px', lineHeight: '20px', margin: '0 0 10px' },
} as const;
