/**
 * A digest as small integers: the fragments in order, packed into one array.
 * Layout: subject, day line, slot line, number of topics (its complement where the mail has no HTML), topics…, then card
 * and why for each paper.
 */
export interface Composition<Id = number> {
  subject: Id;
  dayline: Id;
  slot: Id;
  topics: Id[];
  cards: { card: Id; why: Id }[];
  /** A mail of text alone. */
  isTextOnly: boolean;
}

/** Members of one batch: what Resend takes in one request. */
export const batchMembersMax = 100;
/** Subscribers of one range. */
export const rangeSubscribersMax = 1000;
/** Papers in one digest: with the byte limit of a card, this keeps every mail under Gmail's clip. */
export const digestPapersMax = 30;
/** Digests of this many dates are read back, so that no paper comes twice (RULES 3). */
export const historyDates = 16;

export function pack<Id = number>(composition: Composition<Id>): (Id | number)[] {
  const { subject, dayline, slot, topics, cards, isTextOnly } = composition;
  const count = isTextOnly ? ~topics.length : topics.length;
  const packed: (Id | number)[] = [subject, dayline, slot, count, ...topics];
  for (const { card, why } of cards) packed.push(card, why);
  return packed;
}

/** Reads `pack`'s layout back. Throws when the array is no composition: the row is damaged. */
export function unpack(packed: readonly number[]): Composition {
  const [subject, dayline, slot, count = 0] = packed;
  const isTextOnly = count < 0;
  const first = 4 + (isTextOnly ? ~count : count);
  const cardNumbers = packed.length - first;
  if (
    subject === undefined ||
    dayline === undefined ||
    slot === undefined ||
    cardNumbers < 0 ||
    cardNumbers % 2 !== 0
  ) {
    throw new Error(`A digest's composition has ${packed.length} numbers, which fits no layout.`);
  }
  const cards = [];
  for (let at = first; at < packed.length; at += 2) cards.push({ card: packed[at]!, why: packed[at + 1]! });
  return { subject, dayline, slot, topics: packed.slice(4, first), cards, isTextOnly };
}

/** The tag a digest's mail carries, by which its webhooks find it: `d-<subscriber>-<yyyymmdd>`. */
export function digestTag(subscriberId: number, localDate: string): string {
  return `d-${subscriberId}-${localDate.replaceAll('-', '')}`;
}

/** Reads a digest's tag back; undefined for anything else. */
export function readDigestTag(tag: string): { subscriberId: number; localDate: string } | undefined {
  const found = /^d-([1-9]\d{0,9})-(\d{4})(\d{2})(\d{2})$/.exec(tag);
  if (!found) return undefined;
  const [subscriberId, localDate] = [Number(found[1]), `${found[2]}-${found[3]}-${found[4]}`];
  // What no row can have would only make the look-up fail, and with it the events beside it.
  return subscriberId <= idMax && isDate(localDate) ? { subscriberId, localDate } : undefined;
}

/** Postgres' integer. */
const idMax = 2 ** 31 - 1;

function isDate(date: string): boolean {
  const at = new Date(`${date}T00:00:00Z`);
  return date >= '0001' && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
}
