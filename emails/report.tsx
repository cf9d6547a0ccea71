import type { ReactElement } from 'react';
import { Body, Column, Head, Heading, Html, Row, Section, Text } from 'react-email';
import { TextLink } from './text-link.tsx';
import { light, serif, sheet, sheetWidth, styleSheet } from './theme.ts';

export interface ReportProps {
  subject: string;
  title: string;
  sentence: string;
  needs: readonly string[];
  figures: readonly { name: string; value: string; isBad?: boolean }[];
  /** The operators' page. */
  link: string;
  postalAddress: string;
}

/** The mail to whoever runs it: one sentence, what needs a hand, and the ledger in figures. */
export function Report(report: ReportProps): ReactElement {
  return (
    <Html lang="en">
      <Head>
        <title>{report.subject}</title>
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style dangerouslySetInnerHTML={{ __html: styleSheet() }} />
      </Head>
      <Body className="paper" style={{ margin: '0', padding: '0', backgroundColor: light.paper }}>
        <Row>
          <Column />
          <Column className="sheet" width={sheetWidth} style={sheet}>
            <Section
              className="mast"
              style={{ borderBottom: `3px double ${light.ink}`, paddingBottom: '14px' }}
            >
              <Text className="ink" style={styles.name}>
                Broadsheet
              </Text>
            </Section>
            <Heading as="h1" className="ink" style={styles.title}>
              {report.title}
            </Heading>
            <Text className="ink" style={styles.sentence}>
              {report.sentence}
            </Text>
            {report.needs.map((need) => (
              <Text key={need} className="why" style={styles.need}>
                {need}
              </Text>
            ))}
            <Figures figures={report.figures} />
            <Text style={styles.link}>
              <TextLink tone="link" href={report.link}>
                Open the operators’ page
              </TextLink>
            </Text>
            <Text className="soft" style={styles.foot}>
              {report.postalAddress}
            </Text>
          </Column>
          <Column />
        </Row>
      </Body>
    </Html>
  );
}

function Figures({ figures }: Pick<ReportProps, 'figures'>): ReactElement | null {
  if (figures.length === 0) return null;
  return (
    <Section style={{ marginTop: '18px' }}>
      {figures.map(({ name, value, isBad }) => (
        <Row key={name}>
          <Column className="rule soft" style={{ ...styles.cell, color: light.soft }}>
            {name}
          </Column>
          <Column
            className={isBad ? 'rule why' : 'rule ink'}
            style={{ ...styles.cell, color: isBad ? light.why : light.ink, textAlign: 'right' }}
          >
            {value}
          </Column>
        </Row>
      ))}
    </Section>
  );
}

const styles = {
  name: { color: light.ink, font: `700 30px/34px ${serif}`, letterSpacing: '-.5px', margin: '0' },
  title: { color: light.ink, font: `700 24px/30px ${serif}`, margin: '24px 0 8px' },
  sentence: { color: light.ink, fontSize: '17px', lineHeight: '26px', margin: '0 0 10px' },
  need: { color: light.why, fontSize: '16px', lineHeight: '24px', fontWeight: '600', margin: '0 0 8px' },
  cell: { fontSize: '15px', lineHeight: '22px', padding: '6px 0', borderBottom: `1px solid ${light.rule}` },
  link: { fontSize: '16px', lineHeight: '24px', margin: '22px 0 0' },
  foot: { color: light.soft, fontSize: '13px', lineHeight: '20px', margin: '26px 0 0' },
} as const;
