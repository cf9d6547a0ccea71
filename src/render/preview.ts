import {
  sampleDay,
  sampleInstallation,
  sampleNotice,
  samplePapers,
  sampleReport,
  sampleSlot,
  sampleTopics,
} from '../../emails/preview-data.ts';
import { assembleDigest, type CompiledFragment } from './assemble.ts';
import { compile } from './compile.ts';
import type { FragmentBytes } from './freeze.ts';
import {
  renderCard,
  renderDayline,
  renderSlotLine,
  renderSubject,
  renderTopicName,
  renderWhy,
} from './fragments.ts';
import { readMail } from './mail.ts';
import { renderNotice } from './notice.ts';
import { renderReport } from './report.ts';
import { renderShell } from './shell.ts';

export interface PreviewMail {
  name: string;
  subject: string;
  html: string;
  text: string;
}

/** Every mail of the product with sample content, through the same code that makes real ones. */
export async function previewMails(): Promise<PreviewMail[]> {
  return [
    await previewDigest('digest', samplePapers),
    await previewDigest('digest-without-picture', samplePapers.slice(1, 3)),
    await previewDigest('digest-of-one', samplePapers.slice(0, 1)),
    { name: 'confirm', ...(await renderNotice('confirm', sampleNotice)) },
    { name: 'welcome', ...(await renderNotice('welcome', sampleNotice)) },
    { name: 'link', ...(await renderNotice('link', sampleNotice)) },
    {
      name: 'report',
      ...renderReport(sampleReport, {
        link: sampleInstallation.baseUrl,
        postalAddress: sampleInstallation.postalAddress,
      }),
    },
  ];
}

async function previewDigest(name: string, papers: typeof samplePapers): Promise<PreviewMail> {
  const fragments = new Map<number, CompiledFragment>();
  const keep = ({ html, text }: FragmentBytes) => {
    fragments.set(fragments.size + 1, { html: compile(html), text: compile(text) });
    return fragments.size;
  };
  const { baseUrl } = sampleInstallation;
  const cards: { card: number; why: number }[] = [];
  for (const [index, paper] of papers.entries()) {
    const card = keep(await renderCard(paper, { lead: index === 0, baseUrl, today: sampleDay.localDate }));
    cards.push({ card, why: keep(renderWhy(paper.reasons)) });
  }
  const parts = {
    subject: keep(renderSubject(papers[0]!.title, papers.length - 1)),
    dayline: keep(renderDayline({ ...sampleDay, papers: papers.length })),
    slot: keep(renderSlotLine(sampleSlot)),
    topics: sampleTopics.map((topic) => keep(renderTopicName(topic))),
    cards,
  };
  const shell = compile(renderShell(sampleInstallation));
  const tokens = { unsubscribe: 'sample', preferences: 'sample', digest: 'sample', taste: 'sample' };
  const mail = readMail(
    assembleDigest(shell, parts, fragments, { address: 'ada@example.org', tag: 'sample', tokens }),
  );
  return { name, subject: mail.subject, html: mail.html, text: mail.text };
}
