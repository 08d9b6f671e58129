import type { Root } from "../core/bytes.ts";
import { hashWords } from "./hash.ts";

/** Ranges of ticks, or of steps inside one tick. */
export type Level = "ticks" | "steps";

/**
 * A range of one claim's trace whose start a challenger accepts and whose end it denies. The contract keeps rows and
 * openings under `nodeOf`, never under a position alone: two stories that reach one position by different roots are two
 * nodes.
 */
export interface Cursor {
  readonly claimId: Root;
  readonly level: Level;
  /** Number of the tick at level `steps`; 0 at level `ticks`. */
  readonly tick: number;
  /** First tick or step of the range. */
  readonly from: number;
  /** log2 of its length in ticks or steps. */
  readonly log2Length: number;
  /** State root before the range. */
  readonly startRoot: Root;
  /** State root after it, as the solver tells it. */
  readonly endRoot: Root;
}

/** The range of a cursor in one word: `level << 88 | tick << 48 | from << 8 | log2Length`. */
export function packRange({
  level,
  tick,
  from,
  log2Length,
}: Omit<Cursor, "claimId" | "startRoot" | "endRoot">): bigint {
  return (level === "ticks" ? 0n : 1n << 88n) | (BigInt(tick) << 48n) | (BigInt(from) << 8n) | BigInt(log2Length);
}

/** The key of a row or an opening: `keccak256(claimId, startRoot, endRoot, range)`, four words. */
export function nodeOf(cursor: Cursor): Root {
  return hashWords(cursor.claimId, cursor.startRoot, cursor.endRoot, packRange(cursor));
}
