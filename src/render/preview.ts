import {
  sampleDay,
  sampleInstallation,
  sampleNotice,
  samplePapers,
  sampleReport,
  sampleSlot,
  sampleTopics,
} from '../../emails/preview-data.ts';
import { type Composition, pack } from '../domain/digest.ts';
import { openAssembler } from './assemble.ts';
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
  const { baseUrl } = sampleInstallation;
  const { layOut, layOutShell, assembleDigest } = openAssembler();
  let last = 0;
  const lay = (fragment: FragmentBytes) => (layOut(++last, fragment), last);
  const cards: Composition['cards'] = [];
  for (const [index, paper] of papers.entries()) {
    const options = { lead: index === 0, baseUrl, today: sampleDay.localDate };
    cards.push({ card: lay(await renderCard(paper, options)), why: lay(renderWhy(paper.reasons)) });
  }
  const composition = pack({
    subject: lay(renderSubject(papers[0]!.title, papers.length - 1)),
    dayline: lay(renderDayline({ ...sampleDay, papers: papers.length })),
    slot: lay(renderSlotLine(sampleSlot)),
    topics: sampleTopics.map((topic) => lay(renderTopicName(topic))),
    cards,
    isTextOnly: false,
  });
  layOutShell(1, renderShell(sampleInstallation));
  const tokens = { unsubscribe: 'sample', preferences: 'sample', digest: 'sample', taste: 'sample' };
  const fill = { address: 'ada@example.org', tag: 'sample', tokens };
  const mail = readMail(assembleDigest(1, { composition, fill }));
  return { name, subject: mail.subject, html: mail.html, text: mail.text };
}
