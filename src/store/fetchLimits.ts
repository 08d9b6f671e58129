/** What a mirror is allowed to take. */
export interface FetchLimits {
  /** From the request to the first byte of the content, redirects included. */
  readonly firstByteMilliseconds: number;
  /** In each such time at least `progressBytes` must come. */
  readonly progressMilliseconds: number;
  readonly progressBytes: number;
  /** All in all: this, and the time in which the most bytes that the caller takes come at `bytesPerSecond`. */
  readonly totalMilliseconds: number;
  readonly bytesPerSecond: number;
  readonly redirects: number;
  /** A mirror that brings less than `raceBytes` in such a time is slow: the next one is asked beside it for what is missing. */
  readonly raceMilliseconds: number;
  readonly raceBytes: number;
  /** Most times that one mirror is asked for one content: again only where it broke off after having sent something. */
  readonly tries: number;
}

/** The limits where nothing else is said. */
export const defaultFetchLimits: FetchLimits = {
  firstByteMilliseconds: 15_000,
  progressMilliseconds: 10_000,
  progressBytes: 2 ** 14,
  totalMilliseconds: 30_000,
  bytesPerSecond: 2 ** 16,
  redirects: 3,
  raceMilliseconds: 2_000,
  raceBytes: 2 ** 20,
  tries: 8,
};
