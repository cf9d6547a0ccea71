import type { ReactElement } from 'react';
import { rule } from './theme.ts';

/** What stands in place of the papers on a day without any, for readers who want to be told. */
export function EmptyDay({ sentences }: { sentences: readonly string[] }): ReactElement {
  const last = sentences.length - 1;
  return (
    <>
      {sentences.map((sentence, place) => (
        <p key={sentence} {...(place === last ? { className: 'rule', style: rule } : { style: inBetween })}>
          {sentence}
        </p>
      ))}
    </>
  );
}

const inBetween = { margin: '0 0 14px' };
