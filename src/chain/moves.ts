import { Interface } from "ethers";
import { type Hex, type Root, toHex } from "../core/bytes.ts";
import { zeroRoot } from "../protocol/hash.ts";
import type { Move } from "../protocol/moves.ts";
import type { RegistersProof } from "../protocol/trace.ts";
import type { ChallengeId } from "../protocol/views.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";
import { revertOf } from "./errors.ts";
import { encodePosition } from "./positions.ts";
import type { Call } from "./sender.ts";

const abi = new Interface(IAssay__factory.abi);

/** The transaction that makes a move in a challenge. */
export function callOfMove(move: Move, id: ChallengeId, assay: string): Call {
  const position = encodePosition(move.position);
  const call = (action: string, name: string, ...args: unknown[]): Call => ({
    to: assay,
    data: abi.encodeFunctionData(name, [id, position, ...args]),
    action,
  });
  switch (move.kind) {
    case "postRow":
      return call("post a row", "postRow", move.firstDemander, move.roots);
    case "openTick": {
      const { log2Steps, start, end } = move.opening;
      const tick = { log2Steps, start: encodeRegisters(start), end: encodeRegisters(end) };
      return call("open a tick", "openTick", move.firstDemander, tick, move.roots);
    }
    case "select": {
      const [only, ...more] = move.selections;
      if (more.length === 0 && move.opening === undefined) return call("select a child", "select", only);
      const opening = move.opening ?? { log2Steps: 0, resumedRoot: zeroRoot };
      return call("select children", "selectMany", move.selections, opening);
    }
    case "proveFault":
      return call("prove the fault", "proveFault", toHex(move.witness));
    case "selectFault":
      return call("select the step and prove its fault", "selectFault", move.selection, toHex(move.witness));
    case "timeoutSolver":
      return call("time the solver out", "timeoutSolver", move.shown);
    case "timeoutChallenger":
      return call("time the challenger out", "timeoutChallenger", move.shown);
    case "concede":
      return call("concede", "concede", move.firstDemander);
    case "closeChallenge":
      return call("close the challenge", "closeChallenge");
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
