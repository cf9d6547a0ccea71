import type { MailedDigest } from './mailed-digest.ts';

/**
 * Digests on their way to the press's thread. A hundred objects, each with its names and a buffer of its own, took longer to
 * hand over than their mails to be put together.
 */
export interface DigestColumns {
  subscriberIds: number[];
  localDates: string[];
  addresses: string[];
  addressVersions: number[];
  keyIds: string[];
  /** All of them, one after the other, and where each ends. */
  compositions: Uint8Array;
  ends: number[];
}

export function columnsOf(digests: readonly MailedDigest[]): DigestColumns {
  let end = 0;
  return {
    subscriberIds: digests.map(({ subscriberId }) => subscriberId),
    localDates: digests.map(({ localDate }) => localDate),
    addresses: digests.map(({ address }) => address),
    addressVersions: digests.map(({ addressVersion }) => addressVersion),
    keyIds: digests.map(({ keyId }) => keyId),
    // Not out of the pool that small buffers share, for all of that would be handed over with it.
    compositions: new Uint8Array(Buffer.concat(digests.map(({ composition }) => composition))),
    ends: digests.map(({ composition }) => (end += composition.length)),
  };
}

/** The digests that `columnsOf` was given. */
export function digestsOf(columns: DigestColumns): MailedDigest[] {
  const { localDates, addresses, addressVersions, keyIds, ends } = columns;
  const { buffer } = columns.compositions;
  return columns.subscriberIds.map((subscriberId, n) => {
    const begin = n === 0 ? 0 : ends[n - 1]!;
    return {
      subscriberId,
      localDate: localDates[n]!,
      address: addresses[n]!,
      addressVersion: addressVersions[n]!,
      keyId: keyIds[n]!,
      composition: Buffer.from(buffer as ArrayBuffer, begin, ends[n]! - begin),
    };
  });
}
