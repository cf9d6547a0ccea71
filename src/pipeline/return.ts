import type { SubscriberRow } from '../db/subscribers.ts';

/** Who left can undo it for this long. */
export const undoDaysMax = 30;
const dayMs = 86_400_000;

/** Whether a reader who left may still undo it. */
export function canReturn(
  subscriber: Pick<SubscriberRow, 'status' | 'confirmedAt' | 'unsubscribedAt'>,
): boolean {
  const { status, confirmedAt, unsubscribedAt } = subscriber;
  if (status !== 'unsubscribed' || !confirmedAt || !unsubscribedAt) return false;
  return Date.now() - unsubscribedAt.getTime() <= undoDaysMax * dayMs;
}
