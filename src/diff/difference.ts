/** One thing in which two contents differ. */
export interface Difference {
  /** The file; what is within an archive follows `!/`. */
  readonly path: string;
  readonly kind: DifferenceKind;
  /** What differs in it: `mode`, `line 3`, `$.name[2]`, `section .text`, `bytes`. */
  readonly what: string;
  /** How it is in each, in words or as an excerpt; undefined where it is not there. */
  readonly first?: string | undefined;
  readonly second?: string | undefined;
  /** Of the first byte that differs, in the file or section. */
  readonly offset?: number | undefined;
}

export type DifferenceKind =
  /** One has it and the other has not. */
  | "missing"
  /** The same things in another order. */
  | "order"
  /** What is said of a file beside its content: mode, time, owner. */
  | "metadata"
  /** A value within JSON. */
  | "value"
  /** Lines, of text; bytes, of anything else. */
  | "text"
  | "bytes";

/** A file that was compared as bytes although it is more than that, and why. */
export interface NotLookedInto {
  readonly path: string;
  readonly why: string;
}

/** What a comparison has come to. */
export interface Comparison {
  readonly same: boolean;
  readonly differences: readonly Difference[];
  readonly notLookedInto: readonly NotLookedInto[];
  /** Why there may be more differences than are listed; undefined where all are. */
  readonly stopped?: string | undefined;
}
