/** One entry of the list that the provider keeps of addresses it mails no more, and why it is there. */
export interface ListEntry {
  id: string;
  address: string;
  origin: 'bounce' | 'complaint' | 'manual';
  /** The provider's id of the mail that bounced or was complained about. */
  mailId: string | undefined;
  at: Date;
}

/**
 * That list, where the provider has one that can be asked. No call throws: where no usable answer came it gives
 * undefined or false, and then nothing is known.
 */
export interface SuppressionList {
  find(address: string): Promise<ListEntry | 'absent' | undefined>;
  /** True once the address is certainly on the list, whatever put it there. */
  add(address: string): Promise<boolean>;
  /** True once the address is certainly not on it. */
  remove(address: string): Promise<boolean>;
  /** The newest entries, or those older than the entry `after`. */
  page(after?: string): Promise<{ entries: ListEntry[]; hasMore: boolean } | undefined>;
}
