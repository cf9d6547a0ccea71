import { webApp, type WebOptions } from '../../src/web/app.tsx';
import { type Purpose, signToken } from '../../src/domain/tokens.ts';
import type { TestContext } from '../support/context.ts';

/** The pages over a test context, asked as a browser or a mail program would. */
export interface Site {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a form, urlencoded unless a FormData is given. */
  post(path: string, fields?: Fields | FormData, headers?: Record<string, string>): Promise<Answer>;
  request(path: string, init: RequestInit): Promise<Answer>;
}

export type Fields = Record<string, string | string[]>;

export interface Answer {
  status: number;
  headers: Headers;
  body: string;
  /** The first level-one heading. */
  title: string;
}

export function openSite(ctx: TestContext, options: WebOptions = {}): Site {
  const app = webApp(ctx, options);
  const request = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await app.request(path, init);
    const body = await response.text();
    const title = textOf(/<h1[^>]*>(.*?)<\/h1>/s.exec(body)?.[1] ?? '');
    return { status: response.status, headers: response.headers, body, title };
  };
  return {
    request,
    get: (path, headers = {}) => request(path, { headers }),
    post: (path, fields = {}, headers = {}) =>
      request(path, {
        method: 'POST',
        headers,
        body: fields instanceof FormData ? fields : toParams(fields),
      }),
  };
}

/** A genuine token for a reader. */
export function tokenFor(
  ctx: TestContext,
  purpose: Purpose,
  subscriberId: number,
  localDate?: string,
): string {
  const claims = { purpose, subscriberId, addressVersion: 1, ...(localDate && { localDate }) };
  return signToken(ctx.config.keys[0], claims);
}

/** A token with one character of its proof changed. */
export function forged(token: string): string {
  return token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
}

/** How many rows every table has, and a hash of what stands in those that a reader's pages could change. */
export async function readState(ctx: TestContext): Promise<Record<string, string>> {
  const { rows } = await ctx.pool.query<{ name: string; rows: string }>(
    `select relname as name, (xpath('/row/n/text()', query_to_xml(format(
       'select count(*) || '':'' || coalesce(md5(string_agg(t::text, '','' order by t::text)), '''') as n from %I.%I t',
       nspname, relname), false, true, '')))[1]::text as rows
     from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname = 'broadsheet' and relkind in ('r', 'p') order by relname`,
  );
  return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
}

/** Markup as it reads. */
export function textOf(html: string): string {
  return html
    .replaceAll(/<\/?(?:p|li|div|h\d|option|label|button|t[dhr]|d[td]|legend|br)\b[^>]*>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The attributes of every element with this name. */
export function elements(html: string, name: string): Record<string, string>[] {
  return [...html.matchAll(new RegExp(`<${name}((?:\\s+[\\w-]+(?:="[^"]*")?)*)\\s*/?>`, 'g'))].map((found) =>
    Object.fromEntries(
      [...found[1]!.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map((pair) => [pair[1]!, textOf(pair[2] ?? '')]),
    ),
  );
}

function toParams(fields: Fields): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, one);
  }
  return params;
}
