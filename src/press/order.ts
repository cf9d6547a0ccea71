import type { KeyRing } from '../domain/tokens.ts';
import type { FragmentBytes } from '../render/freeze.ts';
import type { Lacking } from '../render/stock.ts';
import type { DigestColumns } from './columns.ts';
import type { MailedDigest } from './mailed-digest.ts';

/** What the press is to print: the digests of one request, in order. */
export interface Order {
  shellId: number;
  keys: KeyRing;
  digests: readonly MailedDigest[];
  /** Memory to print into, made larger where it is too small. It goes to the press, and comes back with the body. */
  memory?: ArrayBuffer | undefined;
}

export interface Printed {
  /** The request body; it lies in `memory`. */
  body: Buffer;
  hash: Buffer;
  memory: ArrayBuffer;
}

/** Frozen bytes by number, as the database keeps them. */
export interface FrozenBytes {
  shells: ReadonlyMap<number, Buffer>;
  fragments: ReadonlyMap<number, FragmentBytes>;
}

/** One message to the press's thread: an order, and what it was found to lack. */
export interface Sheet {
  number: number;
  shellId: number;
  keys: KeyRing;
  digests: DigestColumns;
  memory: ArrayBuffer | undefined;
  frozen: FrozenBytes;
}

/** One message back. */
export type Proof =
  | { number: number; length: number; hash: Uint8Array; memory: ArrayBuffer }
  | { number: number; lacking: Lacking; memory: ArrayBuffer | undefined }
  | { number: number; failure: string; isPermanent: boolean };
