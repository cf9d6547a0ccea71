/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { PreviewMail } from '../render/preview.ts';
import { mailPolicy } from './headers.ts';
import { page } from './respond.ts';
import { Sheet } from './sheet.tsx';

/** Every mail with sample content, drawn anew at each look: the page that shows what a change to a template does. */
export function devMailRoutes(): Hono {
  const routes = new Hono();

  routes.get('/dev/mails', async (c) => page(c, <MailsPage mails={await drawMails()} />));

  routes.get('/dev/mails/:name', async (c) => {
    const mail = await findMail(c.req.param('name'));
    if (!mail) return c.notFound();
    c.header(
      'Content-Security-Policy',
      mailPolicy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    );
    return c.html(mail.html);
  });

  routes.get('/dev/mails/:name/text', async (c) => {
    const mail = await findMail(c.req.param('name'));
    return mail ? c.text(mail.text) : c.notFound();
  });
  return routes;
}

/** Loaded here only: the sample papers are no part of what runs. */
async function drawMails(): Promise<PreviewMail[]> {
  const { previewMails } = await import('../render/preview.ts');
  return previewMails();
}

async function findMail(name: string): Promise<PreviewMail | undefined> {
  return (await drawMails()).find((mail) => mail.name === name);
}

function MailsPage({ mails }: { mails: readonly PreviewMail[] }) {
  return (
    <Sheet title="Mails" day="Every mail, with sample content">
      {mails.map(({ name, subject, html, text }) => (
        <section class="paper">
          <h2>{name}</h2>
          <p>{subject}</p>
          <p class="meta">
            {kilobytes(html)} of HTML, {kilobytes(text)} of text
          </p>
          <p class="links">
            <a href={`/dev/mails/${name}`}>As HTML</a>
            <a href={`/dev/mails/${name}/text`}>As text</a>
          </p>
        </section>
      ))}
    </Sheet>
  );
}

function kilobytes(text: string): string {
  return `${(Buffer.byteLength(text) / 1024).toFixed(1)} KB`;
}
