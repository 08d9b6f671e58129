/** Counts how often a thread is looked at without a sign of life: more looks in vain than it is given, and it hangs. */
export class Watchdog {
  /** Milliseconds between two looks. */
  readonly interval: number;
  private readonly limitSeconds: number;
  private beats = 0;
  private silentSeconds = 0;
  private lookedAt = 0;

  /** @param limitSeconds how long the thread may give no sign of life. */
  constructor(limitSeconds: number) {
    this.limitSeconds = limitSeconds;
    this.interval = Math.max(50, Math.min(1000, limitSeconds * 100));
  }

  /** Begins to count anew, at a time in milliseconds. */
  rest(beats: number, now: number): void {
    this.beats = beats;
    this.silentSeconds = 0;
    this.lookedAt = now;
  }

  /**
   * Looks at the number of beats at a time in milliseconds. A look counts for two intervals at most, however late it is: when
   * the whole process was stopped, or got no processor, the thread could not give a sign of life either. Before its first
   * one it is not running yet, and nothing is counted.
   * @returns whether the thread hangs
   */
  look(beats: number, now: number): boolean {
    if (beats === 0 || beats !== this.beats) {
      this.rest(beats, now);
      return false;
    }
    this.silentSeconds += Math.min(now - this.lookedAt, 2 * this.interval) / 1000;
    this.lookedAt = now;
    return this.silentSeconds >= this.limitSeconds;
  }
}
