import type { Resend } from 'resend';

import type { ListEntry, SuppressionList } from './suppression-list.ts';

const askTimeoutMs = 10_000;
const pageEntries = 100;
const origins: ReadonlySet<unknown> = new Set(['bounce', 'complaint', 'manual']);

/** Resend's suppressions of an account (resend.md 1.9). A key that may only send gets no answer there. */
export function resendList(resend: Resend): SuppressionList {
  const inTime = () => ({ signal: AbortSignal.timeout(askTimeoutMs) });
  return {
    async find(address) {
      const { data, error } = await resend.suppressions.get(address, inTime());
      if (error) return isAbsent(error) ? 'absent' : undefined;
      return readEntry(data);
    },
    async add(address) {
      const { data } = await resend.suppressions.add({ email: address }, inTime());
      return typeof data?.id === 'string' && data.id !== '';
    },
    async remove(address) {
      const { data, error } = await resend.suppressions.remove(address, inTime());
      return error ? isAbsent(error) : data?.deleted === true;
    },
    async page(after) {
      const { data, error } = await resend.suppressions.list(
        { limit: pageEntries, ...(after !== undefined && { after }) },
        inTime(),
      );
      const listed: unknown = data?.data;
      if (error || !Array.isArray(listed)) return undefined;
      // An entry of a shape that nobody knows is left out; the others still count.
      return { entries: listed.flatMap((one) => readEntry(one) ?? []), hasMore: data?.has_more === true };
    },
  };
}

function isAbsent({ statusCode, name }: { statusCode: number | null; name: string }): boolean {
  return statusCode === 404 && name === 'not_found';
}

/** Everything in it came over the wire: no type is trusted. Times are ISO 8601 or Postgres' text. */
function readEntry(value: unknown): ListEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, email, origin, source_id: mailId, created_at: at } = value as Record<string, unknown>;
  if (typeof id !== 'string' || typeof email !== 'string' || !origins.has(origin)) return undefined;
  const date = new Date(typeof at === 'string' ? at : Number.NaN);
  if (Number.isNaN(date.getTime())) return undefined;
  return {
    id,
    address: email,
    origin: origin as ListEntry['origin'],
    mailId: typeof mailId === 'string' ? mailId : undefined,
    at: date,
  };
}
