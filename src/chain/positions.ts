import type { Root } from "../core/bytes.ts";
import type { Cursor } from "../protocol/node.ts";
import type { ChallengeId, Position } from "../protocol/views.ts";

/** A position as the contract takes it: the small fields in one word, from the lowest bit as `Places.sol` says. */
export interface EncodedPosition {
  readonly claimId: Root;
  readonly startRoot: Root;
  readonly endRoot: Root;
  readonly place: bigint;
  readonly holder: ChallengeId;
}

export function encodePosition(position: Position): EncodedPosition {
  const { cursor, holder, movedAt, solverLeft, challengerLeft } = position;
  const place =
    (cursor.level === "ticks" ? 0n : 1n << 176n) |
    (BigInt(cursor.tick) << 136n) |
    (BigInt(cursor.from) << 96n) |
    (BigInt(cursor.log2Length) << 88n) |
    (BigInt(movedAt) << 48n) |
    (BigInt(solverLeft) << 24n) |
    BigInt(challengerLeft);
  return { claimId: cursor.claimId, startRoot: cursor.startRoot, endRoot: cursor.endRoot, place, holder };
}

/** @param given from an event of the contract, which packs no other values than it can unpack. */
export function decodePosition(given: {
  readonly claimId: string;
  readonly startRoot: string;
  readonly endRoot: string;
  readonly place: bigint;
  readonly holder: string;
}): Position {
  const field = (shift: number, bits: number) => Number((given.place >> BigInt(shift)) & ((1n << BigInt(bits)) - 1n));
  const cursor: Cursor = {
    claimId: given.claimId as Root,
    level: field(176, 8) === 0 ? "ticks" : "steps",
    tick: field(136, 40),
    from: field(96, 40),
    log2Length: field(88, 8),
    startRoot: given.startRoot as Root,
    endRoot: given.endRoot as Root,
  };
  return {
    cursor,
    holder: given.holder as ChallengeId,
    movedAt: field(48, 40),
    solverLeft: field(24, 24),
    challengerLeft: field(0, 24),
  };
}
