import { addDays, utcDate } from '../../src/domain/cadence.ts';
import { reportToOperator } from '../../src/pipeline/report.ts';
import { findMail } from './mailbox.ts';
import { tripNewest } from './some-weeks.ts';
import type { Studio } from './studio.ts';

/** Every page of the operators', on a desktop, and those of the morning on a phone and in the dark. */
export async function drawOperatorPages({ ctx, setNow, shot }: Studio): Promise<void> {
  const today = utcDate(ctx.now());
  const yesterday = addDays(today, -1);
  const at = (path: string) => `/operators${path}`;
  await shot('operators', at(''), { whole: true });
  await shot('operators-phone-dark', at(''), { size: 'phone', scheme: 'dark' });
  await shot('operators-plots', at('/plots'), { whole: true, size: 'short' });
  await shot('operators-plots-phone-dark', at('/plots'), { size: 'phone', scheme: 'dark', whole: true });
  await shot('operators-editions', at('/editions'), { size: 'short' });
  await shot('operators-edition', at(`/editions/${addDays(today, -2)}`), { whole: true, size: 'short' });
  await shot('operators-reader', at('/subscribers/1'));
  await shot('operators-reader-phone', at('/subscribers/1'), { size: 'phone' });
  await shot('operators-papers', at(`/papers/${yesterday}`));
  await shot('operators-topic', at('/topics/1'), { size: 'short' });
  await shot('operators-topic-draft', at('/topics/1/edit'), {
    whole: true,
    size: 'short',
    first: async (page) => {
      await page.getByLabel('Phrases, one a line').fill('chain of thought\nreasoning traces');
      await page.getByRole('button', { name: 'Show what it would match' }).click();
    },
  });
  await shot('operators-announcements', at('/announcements'), { size: 'short' });
  await shot('operators-announcement', at('/announcements/1'), { whole: true });
  await shot('operators-announcement-phone-dark', at('/announcements/1'), { size: 'phone', scheme: 'dark' });
  await shot('operators-announcement-send', at('/announcements/1/send'), { size: 'short' });
  await shot('operators-webhooks-dark', at('/webhooks'), { scheme: 'dark', size: 'short' });
  await shot('operators-suppressions', at('/suppressions'), { size: 'short' });
  await shot('operators-log', at('/log'), { size: 'short' });
  const now = ctx.now().toISOString();
  // The report comes in the morning, whenever this runs.
  setNow(`${today}T09:00:00Z`);
  await reportToOperator(ctx);
  setNow(now);
  const report = `/mailbox/${(await findMail(ctx, 'Broadsheet: ')).id}/html`;
  await shot('report-mail', report, { size: 'short' });
  await shot('report-mail-phone-dark', report, { size: 'phone', scheme: 'dark' });
  await tripNewest(ctx);
  await shot('operators-paused', at(''), { size: 'short' });
  await shot('operators-paused-phone', at(''), { size: 'phone' });
}
