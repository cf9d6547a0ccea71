/** What the plain ways' one queue carries. */
export interface PlainJob {
  date: string;
  subscriberIds: number[];
}

export const plainQueue = 'plain';
/** As many as keep one core busy while queries and requests are under way. */
export const plainConcurrency = 10;
