/** How much may be spent on the signatures of one stranger. */
export interface SignatureLimits {
  /** Pairs of a signature and a key that are tried. */
  readonly checks: number;
  /** Bytes that are hashed for them, each signature's message anew. */
  readonly bytes: number;
}

/** About two seconds of computing, whatever is sent: a check takes one or two milliseconds. */
export const defaultSignatureLimits: SignatureLimits = { checks: 2 ** 10, bytes: 2 ** 25 };

/** What is left of such limits. */
export class SignatureAllowance {
  private checks = 0;
  private bytes = 0;
  private exceeded = false;

  constructor(readonly limits: SignatureLimits = defaultSignatureLimits) {}

  /** Whether a signature was not tried because nothing was left for it. */
  get isExceeded(): boolean {
    return this.exceeded;
  }

  /** Whether one more may be tried, of a message of so many bytes; it is counted then. */
  take(bytes: number): boolean {
    if (this.checks + 1 > this.limits.checks || this.bytes + bytes > this.limits.bytes) this.exceeded = true;
    if (this.exceeded) return false;
    this.checks++;
    this.bytes += bytes;
    return true;
  }
}
