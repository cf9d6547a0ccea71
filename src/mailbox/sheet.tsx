/** @jsxImportSource hono/jsx */
import { createHash } from 'node:crypto';

import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';

/** The sheet that every page of the mailbox is set on: one stylesheet, no script, nothing from elsewhere. */
export function Sheet({ title, children }: { title: string; children?: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <style>{raw(stylesheet)}</style>
      </head>
      <body>
        <div class="sheet">
          <header class="mast">
            <a class="name" href="/mailbox">
              Mailbox
            </a>
            <p class="day">
              Stands in for Resend on this machine. Nothing here was ever sent; only this machine can see it.
            </p>
          </header>
          {children}
        </div>
      </body>
    </html>
  );
}

export interface EventNoteProps {
  lastEvent: string;
  before?: string;
  after?: string;
}

/** What has become of a mail, beside other words; nothing as long as nothing has. */
export function EventNote({ lastEvent, before, after }: EventNoteProps) {
  if (lastEvent === 'sent') return null;
  return (
    <>
      {before}
      <span class={lastEvent === 'delivered' ? undefined : 'why'}>{lastEvent.replaceAll('_', ' ')}</span>
      {after}
    </>
  );
}

const stylesheet = `
:root{--paper:#fbf9f4;--ink:#1d1b16;--soft:#6b665a;--rule:#ddd7c9;--why:#9a3412;--link:#1f4e79}
@media (prefers-color-scheme:dark){:root{--paper:#171613;--ink:#ece7db;--soft:#a39c8c;--rule:#37332b;--why:#f0a070;--link:#9cc4ea}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 -apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
.sheet{max-width:860px;margin:0 auto;padding:28px 22px 48px}
.mast{border-bottom:3px double var(--ink);padding-bottom:14px;margin-bottom:8px}
.name{display:inline-block;font:700 38px/1.1 Georgia,"Iowan Old Style","Times New Roman",serif;letter-spacing:-.5px;color:inherit;text-decoration:none}
.zone{margin:0 0 8px;text-align:right;font-size:13px;color:var(--soft)}
.day,.count{color:var(--soft);font-size:14px;margin:8px 0 0}
.why{color:var(--why)}
a{color:var(--link);text-underline-offset:3px}
h1{font:700 26px/1.22 Georgia,"Iowan Old Style","Times New Roman",serif;margin:22px 0 10px;overflow-wrap:anywhere}
h2{font:700 18px/1.3 Georgia,"Iowan Old Style","Times New Roman",serif;margin:34px 0 8px}
:focus-visible{outline:2px solid var(--link);outline-offset:3px}
.bar{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:baseline;justify-content:space-between;margin:14px 0 6px}
.find{display:flex;gap:12px;align-items:baseline}
.find input{font:inherit;font-size:16px;color:inherit;background:transparent;border:0;border-bottom:1px solid var(--soft);border-radius:0;padding:4px 2px;width:15em;max-width:52vw}
button{font:inherit;font-size:14px;color:var(--link);background:none;border:0;padding:6px 0;cursor:pointer;text-decoration:underline;text-underline-offset:3px}
.list{list-style:none;margin:0;padding:0;border-top:1px solid var(--rule)}
.list li{border-bottom:1px solid var(--rule)}
.list a{display:grid;grid-template-columns:minmax(0,15em) minmax(0,1fr) auto;gap:2px 20px;align-items:baseline;padding:13px 0;color:inherit;text-decoration:none}
.list a:hover .subject{text-decoration:underline}
.to{font-size:14px;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.subject{font:700 17px/1.35 Georgia,"Iowan Old Style","Times New Roman",serif;overflow-wrap:anywhere}
.when{font-size:13px;color:var(--soft);text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 18px;margin:0;font-size:14px}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
.says{border-top:1px solid var(--rule);border-bottom:1px solid var(--rule);padding:10px 0 12px;margin:18px 0}
.says form{display:flex;flex-wrap:wrap;gap:0 20px}
.says p{margin:0 0 2px;font-size:14px;color:var(--soft)}
.said{border-left:3px solid var(--why);padding:2px 0 2px 12px;margin:16px 0;font-size:15px}
.frame{display:block;width:100%;height:min(1500px,88vh);border:1px solid var(--rule);background:#fff;margin:10px 0 0}
.frame.phone{width:390px;max-width:100%;margin:10px auto 0}
pre{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
.head dt{font:13px/1.6 ui-monospace,Menlo,Consolas,monospace}
.head dd{font:13px/1.6 ui-monospace,Menlo,Consolas,monospace}
.older{margin:18px 0 0;font-size:14px}
.none{padding:26px 0;font-size:16px}
@media (max-width:640px){
.sheet{padding:20px 16px 40px}
.list a{grid-template-columns:minmax(0,1fr) auto}
.subject{grid-column:1/-1;grid-row:2}
.says form{gap:2px 24px}button{padding:9px 0}
dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:8px}
}`;

const styleHash = createHash('sha256').update(stylesheet).digest('base64');

const alike = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

export const pageHeaders: Readonly<Record<string, string>> = {
  ...alike,
  // Under no-referrer browsers send forms with `Origin: null`, and the check of the origin would refuse our own.
  'Referrer-Policy': 'same-origin',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    'img-src data:',
    "frame-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

/** A mail is hostile until shown otherwise: no script, no forms, no origin of ours; pictures, and links that open outside. */
export const frameHeaders: Readonly<Record<string, string>> = {
  ...alike,
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': [
    'sandbox allow-popups allow-popups-to-escape-sandbox',
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join('; '),
};
