/**
 * Lets a loop sleep until something has happened, or a time is over. Not `timers/promises`, whose sleep is ended by signals alone: a
 * wake-up would take one more signal for each sleep, joined with the daemon's own, which lives as long as the process.
 */
export class Wakeup {
  private pending = false;
  private hinted = false;
  private heedsHints = true;
  private endSleep: (() => void) | undefined;

  /** Ends the sleep, or the next one before it begins. */
  wake(): void {
    this.pending = true;
    this.endSleep?.();
  }

  /** The same for news that nobody vouches for: it does not end a sleep that is to be slept. */
  hint(): void {
    this.hinted = true;
    if (this.heedsHints) this.endSleep?.();
  }

  /** @param heedsHints whether hints end it too. */
  async sleep(milliseconds: number, signal: AbortSignal, heedsHints = true): Promise<void> {
    this.heedsHints = heedsHints;
    const isOver = this.pending || (heedsHints && this.hinted);
    if (!isOver && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.endSleep = () => {
          clearTimeout(timer);
          resolve();
        };
        signal.addEventListener("abort", this.endSleep, { once: true });
      });
      if (this.endSleep) signal.removeEventListener("abort", this.endSleep);
    }
    this.pending = false;
    this.hinted = false;
    this.endSleep = undefined;
  }
}
