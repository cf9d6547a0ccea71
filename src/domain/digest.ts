import { decodeVarints, encodeVarints, unzigzag, zigzag } from './varints.ts';

/** What a digest is made of: ids of fragments, each where it stands. */
export interface Composition<Id = number> {
  subject: Id;
  dayline: Id;
  slot: Id;
  topics: Id[];
  /** `why` is the line that says why, or what it says of the first topic where `whyRest` says the rest. */
  cards: { card: Id; why: Id; whyRest?: Id | undefined }[];
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

/**
 * A composition as a digest's row keeps it, some 70 bytes. The numbers in order: how many topics, doubled, and one more
 * where the mail has no HTML; slot line; topics…; subject; day line; then card and why for each paper. Day line and cards
 * are their distance from the subject and from the one before, because what is new on a day was made at about the same time.
 *
 * Where a why line is in two parts the first number is `inPartsMark` more, and each why is doubled, and one more where its
 * rest follows.
 */
export function pack(composition: Composition): Buffer;
export function pack<Id>(composition: Composition<Id>, idOf: (id: Id) => number): Buffer;
export function pack<Id>(composition: Composition<Id>, idOf = itself<Id, number>): Buffer {
  const { subject, dayline, slot, topics, cards, isTextOnly } = composition;
  const inParts = cards.some(({ whyRest }) => whyRest !== undefined);
  const numbers = [(inParts ? inPartsMark : 0) + topics.length * 2 + (isTextOnly ? 1 : 0), idOf(slot)];
  for (const topic of topics) numbers.push(idOf(topic));
  let before = idOf(subject);
  numbers.push(before);
  const pushDistance = (id: number) => {
    numbers.push(zigzag(id - before));
    before = id;
  };
  pushDistance(idOf(dayline));
  for (const { card, why, whyRest } of cards) {
    pushDistance(idOf(card));
    if (!inParts) numbers.push(idOf(why));
    else if (whyRest === undefined) numbers.push(idOf(why) * 2);
    else numbers.push(idOf(why) * 2 + 1, idOf(whyRest));
  }
  return encodeVarints(numbers);
}

/** More than the first number of any digest without: no reader is told of 64 topics. */
const inPartsMark = 128;

/** Where nothing stands for the ids, they do. */
function itself<From, To>(id: From): To {
  return id as unknown as To;
}

/**
 * Reads `pack`'s layout back, with what `of` gives for an id in that id's place. Throws when these bytes are no composition:
 * the row is damaged.
 */
export function unpack(packed: Uint8Array): Composition;
export function unpack<Part>(packed: Uint8Array, of: (id: number) => Part): Composition<Part>;
export function unpack<Part>(packed: Uint8Array, of = itself<number, Part>): Composition<Part> {
  const numbers = decodeVarints(packed);
  const inParts = numbers[0]! >= inPartsMark;
  const first = 2 + ((numbers[0]! % inPartsMark) >>> 1);
  if (!(numbers.length >= first + 2)) throw unfit(numbers);
  const slot = of(numbers[1]!);
  const topics = [];
  for (let at = 2; at < first; at++) topics.push(of(numbers[at]!));
  let last = numbers[first]!;
  const subject = of(last);
  last += unzigzag(numbers[first + 1]!);
  const dayline = of(last);
  const cards = [];
  let at = first + 2;
  while (at < numbers.length) {
    last += unzigzag(numbers[at++]!);
    const card = of(last);
    const why = numbers[at++];
    if (why === undefined) throw unfit(numbers);
    if (!inParts) cards.push({ card, why: of(why), whyRest: undefined });
    else if (why % 2 === 0) cards.push({ card, why: of(why / 2), whyRest: undefined });
    else if (at === numbers.length) throw unfit(numbers);
    else cards.push({ card, why: of((why - 1) / 2), whyRest: of(numbers[at++]!) });
  }
  return { subject, dayline, slot, topics, cards, isTextOnly: numbers[0]! % 2 === 1 };
}

/** Whether a packed composition is of a mail of text alone. */
export function isTextOnly(packed: Uint8Array): boolean {
  return (packed[0] ?? 0) % 2 === 1;
}

/** Visits the ids of a packed composition's fragments in their order; one that stands in it twice comes twice. */
export function eachFragment(packed: Uint8Array, visit: (id: number) => void): void {
  unpack(packed, visit);
}

function unfit(numbers: readonly number[]): Error {
  return new Error(`A digest's composition has ${numbers.length} numbers, which fits no layout.`);
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
