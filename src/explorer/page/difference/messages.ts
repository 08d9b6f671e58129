/** What the page and the worker that compares tell each other: plain data. */
import type { Comparison } from "../../../diff/difference.ts";

/** Bytes of one content: more are not fetched to be compared. */
export const mostContentBytes = 64 * 2 ** 20;

/** A content to compare: one that is fetched from the stores, or one that is here. */
export type Compared =
  | { readonly kind: "stored"; readonly sha256: string; readonly size: number }
  | { readonly kind: "here"; readonly bytes: Uint8Array };

export interface CompareTask {
  /** With which the paths of differences begin. */
  readonly name: string;
  readonly first: Compared;
  readonly second: Compared;
  /** Addresses of stores: `https://…`, `ipfs+https://…`. */
  readonly stores: readonly string[];
}

export type FromComparer =
  | { readonly kind: "compared"; readonly comparison: Comparison }
  | { readonly kind: "failed"; readonly why: string };
