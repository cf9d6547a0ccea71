import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Answers with a whole page made of JSX. */
export function page(
  c: Context,
  content: { toString(): string | Promise<string> },
  status: ContentfulStatusCode = 200,
): Response {
  return c.html(`<!doctype html>${content.toString() as string}`, status);
}

/** Answers with a mail as it was made: its HTML, or the text of one that has no other part. */
export function mailPage(
  c: Context,
  { html, text }: { html: string; text: string },
): Response | Promise<Response> {
  return html === '' ? c.text(text) : c.html(html);
}

/** JSX as text, where it is a part of something that is no page. */
export function markup(content: { toString(): string | Promise<string> }): string {
  return content.toString() as string;
}

/** Answers with an Atom feed. */
export function atom(c: Context, feed: string): Response {
  return c.body(feed, 200, { 'Content-Type': 'application/atom+xml; charset=utf-8' });
}

/** The remote address of the connection as @hono/node-server hands it over; undefined in any other setting. */
export function peerOf(c: Context): string | undefined {
  const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return env?.incoming?.socket?.remoteAddress;
}
