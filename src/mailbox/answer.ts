import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Resend's body for every error (resend.md 1.6). */
export function fail(c: Context, status: ContentfulStatusCode, name: string, message: string): Response {
  return c.json({ statusCode: status, name, message }, status);
}

/** Resources show their times as Postgres prints them, webhooks as ISO 8601; so does the real thing. */
export function postgresTime(at: Date): string {
  return at.toISOString().replace('T', ' ').replace('Z', '+00');
}

export const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface PageAsked {
  limit: number;
  after: string | undefined;
  before: string | undefined;
}

/** `limit`, `after` and `before` as lists take them, or the answer to a senseless one. */
export function readPage(c: Context): PageAsked | Response {
  const { limit = '20', after, before } = c.req.query();
  const count = /^\d{1,3}$/.test(limit) ? Number(limit) : 0;
  if (count < 1 || count > 100) {
    return fail(c, 422, 'validation_error', 'The `limit` must be a number between 1 and 100.');
  }
  if (after !== undefined && before !== undefined) {
    return fail(c, 422, 'validation_error', 'Use either `after` or `before`, not both.');
  }
  if (![after, before].every((id) => id === undefined || uuidShape.test(id))) {
    return fail(c, 422, 'validation_error', 'The pagination cursor must be a valid UUID.');
  }
  return { limit: count, after, before };
}

/** The list of one entry more than asked: whether there are more, and the page itself. */
export function listOf<T>(entries: readonly T[], page: PageAsked, show: (entry: T) => object): object {
  const hasMore = entries.length > page.limit;
  const shown = page.before === undefined ? entries.slice(0, page.limit) : entries.slice(-page.limit);
  return { object: 'list', has_more: hasMore, data: shown.map(show) };
}

/** The request's JSON object; undefined for anything else. */
export async function readObject(c: Context): Promise<Record<string, unknown> | undefined> {
  try {
    const body: unknown = await c.req.json();
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
