import { Interface } from "ethers";
import { type Hex, type Root, toHex } from "../core/bytes.ts";
import { hashWords, zeroRoot } from "../protocol/hash.ts";
import type { Move, Selection } from "../protocol/moves.ts";
import { rowRoot } from "../protocol/row.ts";
import type { RegistersProof } from "../protocol/trace.ts";
import type { ChallengeId, Position, Reveal } from "../protocol/views.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";
import { revertOf } from "./errors.ts";
import { encodePosition } from "./positions.ts";
import type { Call } from "./sender.ts";

const abi = new Interface(IAssay__factory.abi);

/** What has to be known besides a move to put it into a transaction. */
export interface MoveContext {
  readonly assay: string;
  readonly challengeId: ChallengeId;
  /** Of the cursor's node, as `History.firstDemanderOf` gives it. */
  readonly firstDemander: ChallengeId;
}

/** The transaction that makes a move. */
export function callOfMove(move: Move, context: MoveContext): Call {
  const { challengeId: id, firstDemander, assay } = context;
  const position = encodePosition(move.position);
  const call = (action: string, name: string, args: readonly unknown[]): Call => ({
    to: assay,
    data: abi.encodeFunctionData(name, args),
    action,
  });
  switch (move.kind) {
    case "postRow":
      return call("post a row", "postRow", [id, position, firstDemander, move.roots]);
    case "openTick": {
      const { log2Steps, start, end } = move.opening;
      const tick = { log2Steps, start: encodeRegisters(start), end: encodeRegisters(end) };
      return call("open a tick", "openTick", [id, position, firstDemander, tick, move.roots]);
    }
    case "select": {
      const selections = move.selections.map(encodeSelection);
      const opening = move.selections.map(({ reveal }) => reveal).find(({ kind }) => kind === "opening");
      if (selections.length === 1 && opening === undefined) {
        return call("select a child", "select", [id, position, selections[0]]);
      }
      return call("select children", "selectMany", [id, position, selections, encodeOpening(opening)]);
    }
    case "proveFault":
      return call("prove the fault", "proveFault", [id, position, toHex(move.witness)]);
    case "timeoutSolver":
      return call("time the solver out", "timeoutSolver", [
        id,
        position,
        shown(move.position, move.reveal, firstDemander),
      ]);
    case "timeoutChallenger":
      return call("time the challenger out", "timeoutChallenger", [
        id,
        position,
        shown(move.position, move.reveal, firstDemander),
      ]);
    case "concede":
      return call("concede", "concede", [id, position, firstDemander]);
    case "closeChallenge":
      return call("close the challenge", "closeChallenge", [id, position]);
  }
}

/** A registers proof as the contract takes it: the leaf as four words. */
export function encodeRegisters({ registers, stackRoot, rest }: RegistersProof): {
  registers: Hex[];
  stackRoot: Root;
  rest: Root;
} {
  const words = [0, 32, 64, 96].map((from) => toHex(registers.subarray(from, from + 32)));
  return { registers: words, stackRoot, rest };
}

function encodeSelection({ child, reveal, startRoot, endRoot, siblings }: Selection) {
  const { postedAt, firstDemander } = reveal;
  return { child, postedAt, firstDemander, startRoot, endRoot, siblings };
}

function encodeOpening(reveal: Reveal | undefined): { log2Steps: number; resumedRoot: Root } {
  if (reveal?.kind !== "opening") return { log2Steps: 0, resumedRoot: zeroRoot };
  return { log2Steps: reveal.log2Steps, resumedRoot: reveal.resumedRoot };
}

/** What the contract has stored, as its hash, for the node of a position. */
function shown(position: Position, reveal: Reveal | undefined, firstDemander: ChallengeId) {
  if (reveal === undefined) return { content: zeroRoot, postedAt: 0, firstDemander };
  return {
    content: contentOf(position.cursor.startRoot, reveal),
    postedAt: reveal.postedAt,
    firstDemander: reveal.firstDemander,
  };
}

/** The `content` of a `Reveal` (contracts/types/Dispute.sol). */
function contentOf(startRoot: Root, reveal: Reveal): Root {
  if (reveal.kind === "row") return rowRoot(startRoot, reveal.roots);
  const row = reveal.roots.length === 0 ? zeroRoot : rowRoot(reveal.resumedRoot, reveal.roots);
  return hashWords(reveal.log2Steps, reveal.resumedRoot, row);
}

/**
 * Whether a revert says that the chain has moved on: the move has been made by somebody, or is not the one to make any more.
 * That is no failure; look at the chain again.
 */
export function isOvertaken(error: unknown): boolean {
  return overtaken.has(revertOf(error)?.name ?? "");
}

const overtaken = new Set([
  "AlreadyCommitted",
  "AlreadyRevealed",
  "BuildIsFinal",
  "ChallengeNotOpen",
  "ClaimNotOpen",
  "NoReward",
  "NotCommitted",
  "NotSolversTurn",
  "NotChallengersTurn",
  "NothingOwed",
  "PositionMismatch",
  "RevealMismatch",
]);
