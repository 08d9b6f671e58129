/** What a comparison may take. Both contents may come from strangers. */
export interface DiffLimits {
  /** All that is unpacked, from archives within archives too, of both contents together. */
  readonly unpackedBytes: number;
  /** Entries of all archives together. */
  readonly entries: number;
  /** Archives within each other. */
  readonly depth: number;
  readonly milliseconds: number;
  /** Differences that are listed. */
  readonly differences: number;
}

export const defaultDiffLimits: DiffLimits = {
  unpackedBytes: 2 ** 29,
  entries: 2 ** 16,
  depth: 8,
  milliseconds: 60_000,
  differences: 200,
};

/** Larger files are not parsed as JSON or read as text, but compared as bytes. */
export const mostTextBytes = 2 ** 24;
/** Objects and arrays within each other. */
export const mostJsonDepth = 256;
/** Characters of a value that are shown. */
export const mostExcerpt = 200;
