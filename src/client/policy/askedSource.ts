import type { AttestationSource, Topic } from "../../attestation/board.ts";
import type { Envelope } from "../../attestation/dsse.ts";
import {
  defaultSignatureLimits,
  SignatureAllowance,
  type SignatureLimits,
} from "../../attestation/signatureAllowance.ts";

/** What one source may cost who asks it, for one question. */
export interface SourceLimits {
  /** All its answers together. */
  readonly milliseconds: number;
  /** For what it has of results, and once more for what it has of keys. */
  readonly signatures: SignatureLimits;
}

export const defaultSourceLimits: SourceLimits = { milliseconds: 20_000, signatures: defaultSignatureLimits };

/** `assay store serve` takes 8 connections from one address. */
const requestsAtOnce = 4;

/** What a question needs is asked on after a few failures; where many questions are asked, a source that is gone is not. */
const mostFailures = 32;
const tooManyFailures = `it has failed ${mostFailures} times, and is asked no more`;

/** A source while a question is asked: what is wrong with it, and what it may still cost. */
export class AskedSource {
  /** Signatures of results, and of statements about keys: neither can use up what the other needs. */
  readonly ofResults: SignatureAllowance;
  readonly ofKeys: SignatureAllowance;
  private readonly whys = new Set<string>();
  private milliseconds: number;
  private failures = 0;

  constructor(
    private readonly source: AttestationSource,
    private readonly limits: SourceLimits,
  ) {
    this.milliseconds = limits.milliseconds;
    this.ofResults = new SignatureAllowance(limits.signatures);
    this.ofKeys = new SignatureAllowance(limits.signatures);
  }

  get url(): string {
    return this.source.url;
  }

  /** Why something that it may have is missing, as far as is known by now. */
  get faults(): readonly string[] {
    const exceeded = this.ofResults.isExceeded || this.ofKeys.isExceeded;
    return [...this.whys, ...(exceeded ? [tooManySignatures(this.limits.signatures)] : [])];
  }

  /** Whether to ask it on is in vain: it has used up what it may cost, or has failed many times. */
  get isSpent(): boolean {
    return (
      this.milliseconds <= 0 || this.failures >= mostFailures || this.ofResults.isExceeded || this.ofKeys.isExceeded
    );
  }

  /** What it has about each topic; nothing where it fails, which is a fault. Never throws. */
  async find(topics: readonly Topic[]): Promise<Envelope[][]> {
    const started = performance.now();
    const deadline = AbortSignal.timeout(Math.max(0, Math.ceil(this.milliseconds)));
    const found: Envelope[][] = topics.map(() => []);
    const left = topics.entries();
    const askOn = async () => {
      for (const [i, topic] of left) {
        if (this.failures >= mostFailures) {
          this.whys.add(tooManyFailures);
          return;
        }
        try {
          found[i] = [...(await within(deadline, this.source.find(topic, deadline))).envelopes];
        } catch (error) {
          this.failures++;
          this.whys.add(deadline.aborted ? tooLong(this.limits) : messageOf(error));
        }
      }
    };
    await Promise.all(Array.from({ length: requestsAtOnce }, askOn));
    this.milliseconds -= performance.now() - started;
    return found;
  }
}

/** A source that does not heed the signal is not waited for either. */
async function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return await new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

function tooLong({ milliseconds }: SourceLimits): string {
  return `it took more than ${milliseconds / 1000} s: what had not come by then is missing`;
}

function tooManySignatures({ checks, bytes }: SignatureLimits): string {
  return `it has more signatures than are checked (${checks}, of ${bytes} bytes): what was not checked is missing`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
