import type { Resend } from 'resend';

const askTimeoutMs = 10_000;

/** What became of a mail, as the provider tells it when it is asked. */
export interface LookedUp {
  /** Resend's `last_event`: delivered, bounced, complained, sent and others. */
  event: string;
  /** As in a webhook; there where it bounced. */
  bounce?: unknown;
}

/** Asks Resend for one mail by its id; undefined where no usable answer came. A key that may only send gets none. */
export async function lookUpMail(resend: Resend, id: string): Promise<LookedUp | undefined> {
  const { data, error } = await resend.emails.get(id, { signal: AbortSignal.timeout(askTimeoutMs) });
  if (error) return undefined;
  // Everything in it came over the wire: no type is trusted.
  const { last_event: event, bounce } = (data ?? {}) as unknown as Record<string, unknown>;
  if (typeof event !== 'string') return undefined;
  return { event, ...(bounce != null && { bounce }) };
}
