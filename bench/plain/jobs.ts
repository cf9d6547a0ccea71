/** What the plain ways' queues carry; each has its own, named in its environment as PLAIN_QUEUE. */
export interface PlainJob {
  date: string;
  subscriberIds: number[];
}

/** As many as keep one core busy while queries and requests are under way. */
export const plainConcurrency = 10;
