/** Lets a loop sleep until something has happened, or a time is over. */
export class Wakeup {
  #pending = false;
  #wake: (() => void) | undefined;

  /** Ends the sleep, or the next one before it begins. */
  wake(): void {
    this.#pending = true;
    this.#wake?.();
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) {
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
    this.#wake = undefined;
  }
}
