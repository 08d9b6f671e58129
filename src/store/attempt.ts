import { AssayError } from "../core/errors.ts";
import type { FetchLimits } from "./fetchLimits.ts";

/** A timer for longer would end at once. */
const longestTimer = 2 ** 31 - 1;

/** The clocks of one request to a mirror: whichever runs out first ends it, as the caller's signal does. */
export class Attempt {
  private readonly controller = new AbortController();
  private readonly total: ReturnType<typeof setTimeout>;
  private progress: ReturnType<typeof setTimeout>;
  private late: string | undefined;
  /** Bytes that had come when the time of now began. */
  private before = 0;
  private size = 0;

  constructor(
    private readonly what: string,
    maxBytes: number,
    private readonly limits: FetchLimits,
    private readonly outer: AbortSignal | undefined,
  ) {
    const { firstByteMilliseconds, totalMilliseconds, bytesPerSecond } = limits;
    const total = Math.min(longestTimer, totalMilliseconds + (maxBytes / bytesPerSecond) * 1000);
    this.total = setTimeout(() => this.expire("took too long"), total);
    this.progress = setTimeout(() => this.expire("did not begin to answer in time"), firstByteMilliseconds);
    outer?.addEventListener("abort", this.cancel);
    if (outer?.aborted) this.cancel();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** @param size bytes that have come so far. */
  progressed(size: number): void {
    if (this.size === 0 && size > 0) this.watch();
    this.size = size;
  }

  /**
   * Why the request ended with this error, as the end of a sentence.
   * @throws AssayError `store/cancelled` when the caller's signal ended it.
   */
  reasonOf(error: unknown): string {
    if (this.outer?.aborted) {
      const { what } = this;
      throw new AssayError("store/cancelled", `reading ${what} was cancelled`, { what });
    }
    if (this.late !== undefined) return this.late;
    const { code, message } = ((error as Error).cause ?? error) as { code?: string; message?: string };
    return `${this.size === 0 ? "cannot be reached" : "broke off"} (${code ?? message})`;
  }

  /** Stops the clocks, and closes the connection unless the answer has been read to its end. */
  end(): void {
    clearTimeout(this.total);
    clearTimeout(this.progress);
    this.outer?.removeEventListener("abort", this.cancel);
    this.controller.abort();
  }

  private watch(): void {
    clearTimeout(this.progress);
    this.before = this.size;
    this.progress = setTimeout(() => {
      if (this.size - this.before < this.limits.progressBytes) this.expire("stopped in the middle, or nearly");
      else this.watch();
    }, this.limits.progressMilliseconds);
  }

  private expire(why: string): void {
    this.late = why;
    this.controller.abort();
  }

  private readonly cancel = () => this.controller.abort();
}
