/** Lets a loop sleep until something has happened, or a time is over. */
export class Wakeup {
  #pending = false;
  #hinted = false;
  #heedsHints = true;
  #wake: (() => void) | undefined;

  /** Ends the sleep, or the next one before it begins. */
  wake(): void {
    this.#pending = true;
    this.#wake?.();
  }

  /** The same for news that nobody vouches for: it does not end a sleep that is to be slept. */
  hint(): void {
    this.#hinted = true;
    if (this.#heedsHints) this.#wake?.();
  }

  /** @param heedsHints whether hints end it too. */
  async sleep(milliseconds: number, signal: AbortSignal, heedsHints = true): Promise<void> {
    this.#heedsHints = heedsHints;
    const isOver = this.#pending || (heedsHints && this.#hinted);
    if (!isOver && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
        signal.addEventListener("abort", this.#wake, { once: true });
      });
      if (this.#wake) signal.removeEventListener("abort", this.#wake);
    }
    this.#pending = false;
    this.#hinted = false;
    this.#wake = undefined;
  }
}
