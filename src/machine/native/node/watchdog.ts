/** Decides when a thread hangs: it was asked for signs of life again and again, for longer than its limit, and gave none. */
export class Watchdog {
  /** Milliseconds between two checks. */
  readonly interval: number;
  private readonly limitSeconds: number;
  private beats = 0;
  private silentSeconds = 0;
  private checkedAt = 0;

  /** @param limitSeconds how long the thread may give no sign of life. */
  constructor(limitSeconds: number) {
    this.limitSeconds = limitSeconds;
    this.interval = Math.max(50, Math.min(1000, limitSeconds * 100));
  }

  /** Begins to count anew, at a time in milliseconds. */
  rest(beats: number, now: number): void {
    this.beats = beats;
    this.silentSeconds = 0;
    this.checkedAt = now;
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
    this.silentSeconds += Math.min(now - this.checkedAt, 2 * this.interval) / 1000;
    this.checkedAt = now;
    return this.silentSeconds >= this.limitSeconds;
  }
}
