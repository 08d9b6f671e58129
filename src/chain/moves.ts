import { Interface } from "ethers";
import { type Hex, type Root, toHex } from "../core/bytes.ts";
import { packChallenge } from "../protocol/challenge.ts";
import type { Move } from "../protocol/moves.ts";
import type { RegistersProof } from "../protocol/trace.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";
import { revertOf } from "./errors.ts";
import type { Call } from "./outbox/call.ts";

const abi = new Interface(IAssay__factory.abi);

/** The transaction that makes a move in a challenge. */
export function callOfMove(move: Move, assay: string): Call {
  const shown = packChallenge(move.shown);
  const call = (action: string, ...args: unknown[]): Call => ({
    to: assay,
    data: abi.encodeFunctionData(move.kind, [shown, ...args]),
    action,
  });
  switch (move.kind) {
    case "postRow":
      return call("post a row", move.roots);
    case "openTick": {
      const { log2Steps, start, end } = move.opening;
      const tick = { log2Steps, start: encodeRegisters(start), end: encodeRegisters(end) };
      return call("open a tick", tick, move.roots);
    }
    case "select":
      return call("select a child", move.selection);
    case "selectFault": {
      const { claim, stakeNumber, selection, witness } = move;
      return call("select the step and prove its fault", claim, stakeNumber, selection, toHex(witness));
    }
    case "proveFault":
      return call("prove the fault", move.claim, move.stakeNumber, toHex(move.witness));
    case "timeoutSolver":
      return call("time the solver out", move.claim, move.stakeNumber);
    case "timeoutChallenger":
      return call("time the challenger out", move.claim, move.stakeNumber);
    case "concede":
      return call("concede", move.claim, move.stakeNumber);
    case "closeChallenge":
      return call("close the challenge", move.claim, move.stakeNumber);
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
 * That is not a failure; look at the chain again.
 */
export function isOvertaken(error: unknown): boolean {
  return overtaken.has(revertOf(error)?.name ?? "");
}

const overtaken = new Set([
  "AlreadyChallenged",
  "AlreadyCommitted",
  "BuildIsFinal",
  "ChallengeMismatch",
  "ChallengeNotOpen",
  "ClaimNotOpen",
  "NoReward",
  "NotAnswered",
  "NotCommitted",
  "NotSolversTurn",
  "NotChallengersTurn",
  "NothingOwed",
  "StakeNotLive",
]);
