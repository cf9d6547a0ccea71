import type { ReactElement } from 'react';
import { Section, Text } from 'react-email';
import { light } from './theme.ts';

/** What stands in place of the papers on a day without any, for readers who want to be told. */
export function EmptyDay({ sentences }: { sentences: readonly string[] }): ReactElement {
  return (
    <Section className="rule" style={{ borderBottom: `1px solid ${light.rule}`, padding: '22px 0 8px' }}>
      {sentences.map((sentence) => (
        <Text key={sentence} className="ink" style={styles.sentence}>
          {sentence}
        </Text>
      ))}
    </Section>
  );
}

const styles = {
  sentence: { color: light.ink, fontSize: '16px', lineHeight: '25px', marginTop: '0', marginBottom: '14px' },
} as const;
