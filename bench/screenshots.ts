/**
 * Draws every page and mail that readers and operators see, from the sample edition, into docs/screenshots.
 *
 *   npx tsx bench/screenshots.ts [readers|operators]
 *
 * It needs Debian's Chromium, works on an embedded Postgres in a folder of its own, and removes that.
 */
import { drawMails } from './screenshots/mails.ts';
import { drawOperatorPages } from './screenshots/operator-pages.ts';
import { fillPapers } from './screenshots/papers.ts';
import { drawReaderPages } from './screenshots/reader-pages.ts';
import { fillSomeWeeks } from './screenshots/some-weeks.ts';
import { inStudio } from './screenshots/studio.ts';

const part = process.argv[2];
if (part === undefined || part === 'readers') {
  await inStudio(async (studio) => {
    await fillPapers(studio.ctx);
    await drawReaderPages(studio);
    await drawMails(studio);
  });
}
if (part === undefined || part === 'operators') {
  await inStudio(async (studio) => {
    await fillSomeWeeks(studio);
    await drawOperatorPages(studio);
  });
}
