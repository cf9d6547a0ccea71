/** A step stops and wants to be run again after a while. Nothing is wrong; no attempt is burnt. */
export class Retryable extends Error {
  override name = 'Retryable';
  readonly afterMs: number;
  constructor(message: string, afterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.afterMs = afterMs;
  }
}

/** A step can never succeed for this job; running it again would change nothing. */
export class Permanent extends Error {
  override name = 'Permanent';
}
