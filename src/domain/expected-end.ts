export interface Course {
  now: Date;
  /** Digests that wait to be accepted. */
  pending: number;
  /** Digests accepted in the last `recentS` seconds. */
  recent: number;
  recentS: number;
  /** What the transport's limit allows. */
  digestsPerSecondMax: number;
  /** When the last slot of the date comes round; undefined once all have. */
  lastDueAt: Date | undefined;
  /** Nothing leaves before; undefined while mail flows. */
  parkedUntil: Date | undefined;
}

/**
 * When an edition will have gone out, at the pace of the last minutes, or at the limit where nothing has left yet;
 * undefined when there is nothing left to wait for.
 */
export function expectedEnd(course: Course): Date | undefined {
  const { now, pending, recent, recentS, digestsPerSecondMax, lastDueAt, parkedUntil } = course;
  if (pending === 0 && !lastDueAt) return undefined;
  const perSecond = recent > 0 ? recent / recentS : digestsPerSecondMax;
  const begins = Math.max(now.getTime(), parkedUntil?.getTime() ?? 0);
  const leaves = pending === 0 ? now.getTime() : begins + (pending / perSecond) * 1000;
  return new Date(Math.max(leaves, lastDueAt?.getTime() ?? 0));
}
