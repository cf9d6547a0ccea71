import type { Measured } from '../measured.ts';
import { ours, perSecond } from '../pipeline/side.ts';
import { spreadOf } from '../statistics.ts';
import { storageOf } from '../verdicts.ts';

/** What one process and one digest were measured to take. */
export interface Basis {
  perSecond: number;
  walBytes: number;
  diskBytes: number;
  readerBytes: number;
}

/** What so many readers ask of the machines. */
export interface Demand {
  peakPerSecond: number;
  processes: number;
  requestsPerSecond: number;
  accounts: number;
  hoursOfOneAccount: number;
  mailMBPerSecond: number;
  readersGB: number;
  digestsGB: number;
  walGB: number;
  walMBPerSecond: number;
  redisMB: number;
}

/** A quarter of all readers lives where the busiest hour is: assumed, and generous. */
const peakShare = 0.25;
const hourSeconds = 3600;
/** Mails of one request, and what Resend allows an account unless asked for more. */
const mailsPerRequest = 100;
const requestsPerAccount = 10;
/** Of one mail of seven papers in its JSON; `npm run bench` prints requests of that size. */
const mailBytes = 21_500;
const digestDays = 35;
/** Of a waiting BullMQ job that carries one number. */
const redisJobBytes = 700;

/** The basis out of a run: the largest size, and of the two kinds of queues the one that costs more. */
export function basisOf({ sides, readerBytes }: Measured): Basis {
  const own = sides.filter(({ side }) => ours.includes(side));
  const largest = Math.max(...own.map(({ subscribers }) => subscribers));
  const results = own.filter(({ subscribers }) => subscribers === largest);
  if (results.length === 0 || readerBytes === undefined) {
    throw new Error('docs/performance.json lacks our pipeline or its figures: run `npm run bench` first.');
  }
  return {
    perSecond: Math.min(...results.map(({ repeats }) => spreadOf(repeats.map(perSecond)).median)),
    walBytes: Math.max(...results.map((result) => storageOf(result, 'walBytes').median)),
    diskBytes: Math.max(...results.map((result) => storageOf(result, 'diskBytes').median)),
    readerBytes,
  };
}

export function demandOf(readers: number, basis: Basis): Demand {
  const peakPerSecond = (readers * peakShare) / hourSeconds;
  const requestsPerSecond = peakPerSecond / mailsPerRequest;
  return {
    peakPerSecond,
    processes: Math.ceil(peakPerSecond / basis.perSecond),
    requestsPerSecond,
    accounts: Math.ceil(requestsPerSecond / requestsPerAccount),
    hoursOfOneAccount: readers / mailsPerRequest / requestsPerAccount / hourSeconds,
    mailMBPerSecond: (peakPerSecond * mailBytes) / 1e6,
    readersGB: (readers * basis.readerBytes) / 1e9,
    digestsGB: (readers * digestDays * basis.diskBytes) / 1e9,
    walGB: (readers * basis.walBytes) / 1e9,
    walMBPerSecond: (peakPerSecond * basis.walBytes) / 1e6,
    redisMB: ((readers / mailsPerRequest) * redisJobBytes) / 1e6,
  };
}
