import { createElement } from 'react';
import { Report as ReportMail } from '../../emails/report.tsx';
import type { Report } from '../domain/report.ts';
import { clean } from './clean.ts';
import { renderDocument } from './document.ts';
import { asciiHtml } from './freeze.ts';
import type { RenderedNotice } from './notice.ts';
import { textColumns, wrap } from './wrap.ts';

/** The mail to the operator, HTML in ASCII and its text twin. Everything in it is cleaned of what is no plain text. */
export function renderReport(
  report: Report,
  installation: { link: string; postalAddress: string },
): RenderedNotice {
  const props = {
    subject: clean(report.subject),
    title: clean(report.title),
    sentence: clean(report.sentence),
    needs: report.needs.map(clean),
    figures: report.figures.map((figure) => ({ ...figure, value: clean(figure.value) })),
    link: installation.link,
    postalAddress: clean(installation.postalAddress),
  };
  return {
    subject: props.subject,
    html: asciiHtml(renderDocument(createElement(ReportMail, props))),
    text: textOf(props),
  };
}

function textOf({
  title,
  sentence,
  needs,
  figures,
  link,
  postalAddress,
}: Parameters<typeof ReportMail>[0]): string {
  const lines = figures.map(({ name, value }) => `${name.padEnd(nameColumns)}${value}`);
  return [
    'BROADSHEET',
    `${wrap(title)}\n${'='.repeat(textColumns)}`,
    wrap(sentence),
    ...needs.map((need) => wrap(`- ${need}`)),
    lines.join('\n'),
    link,
    `--\n${wrap(postalAddress)}\n`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

const nameColumns = 26;
