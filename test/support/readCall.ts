import { Interface, type Result } from "ethers";
import type { Call as SentCall } from "../../src/chain/outbox/call.ts";
import { concatBytes, fromHex, type Hex, type Root } from "../../src/core/bytes.ts";
import type { Start } from "../../src/protocol/assessClaim.ts";
import { type Challenge, type PackedChallenge, unpackChallenge } from "../../src/protocol/challenge.ts";
import type { ClaimDetails, ClaimReference, Outcome } from "../../src/protocol/claim.ts";
import { zeroRoot } from "../../src/protocol/hash.ts";
import type { Move, Selection } from "../../src/protocol/moves.ts";
import type { RegistersProof } from "../../src/protocol/trace.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";
import type { Call, Party } from "./game/calls.ts";

const abi = new Interface(IAssay__factory.abi);

/** A transaction as the contract would read it, for the model of the protocol. @param outcome goes into what a reveal shows. */
export function readCall({ data, value = 0n }: SentCall, outcome: Outcome): Call {
  const { name, args } = abi.parseTransaction({ data })!;
  switch (name) {
    case "commit":
      return { kind: "commit", claimId: args[0] as Root, value };
    case "reveal": {
      const [fields, salt, start, end] = args as unknown as [Result, Root, Result, Hex];
      const { buildId, finalRoot, checkpointRoot, locator } = fields.toObject() as Record<string, Root>;
      const [log2Ticks, log2CheckpointTicks] = [Number(fields.log2Ticks), Number(fields.log2CheckpointTicks)];
      const roots = { buildId: buildId!, finalRoot: finalRoot!, checkpointRoot: checkpointRoot! };
      const shown = { ...roots, log2Ticks, log2CheckpointTicks, locator: locator!, outcome };
      return { kind: "reveal", fields: shown, salt, startProof: proofIn(start), endProof: fromHex(end) };
    }
    case "expireCommit":
      return { kind: name, solver: partyIn(args[0]), claimId: args[1] as Root };
    case "returnCommit":
      return { kind: name, claim: referenceIn(args[0]) };
    case "finalize":
      return { kind: name, claim: referenceIn(args[0]), details: detailsIn(args[1]) };
    case "challenge": {
      const common = { claim: referenceIn(args[0]), stakeNumber: args[1] as bigint, value };
      return { kind: "challenge", ...common, start: { kind: "whole" }, details: undefined as unknown as ClaimDetails };
    }
    case "challengeCheckpoints": {
      const [reference, details, pair, stakeNumber] = args as unknown as [Result, Result, Result, bigint];
      const start = startIn(pair);
      return {
        kind: "challenge",
        claim: referenceIn(reference),
        details: detailsIn(details),
        start,
        stakeNumber,
        value,
      };
    }
    case "returnStake":
      return { kind: name, buildId: args[0] as Root, stakeNumber: args[1] as bigint };
    case "payReward":
      return { kind: name, buildId: args[0] as Root };
    case "withdraw":
      return { kind: name };
    default:
      return { kind: "move", move: moveIn(name, args) };
  }
}

function moveIn(kind: string, args: Result): Move {
  const shown = challengeIn(args[0]);
  switch (kind) {
    case "postRow":
      return { kind, shown, roots: [...args[1]] };
    case "openTick": {
      const [log2Steps, start, end] = args[1] as [bigint, Result, Result];
      const opening = { log2Steps: Number(log2Steps), start: proofIn(start), end: proofIn(end) };
      return { kind, shown, opening, roots: [...args[2]] };
    }
    case "select":
      return { kind, shown, selection: selectionIn(args[1]) };
    case "selectFault": {
      const ending = { claim: referenceIn(args[1]), stakeNumber: args[2] as bigint };
      return { kind, shown, ...ending, selection: selectionIn(args[3]), witness: fromHex(args[4]) };
    }
    case "proveFault":
      return { kind, shown, claim: referenceIn(args[1]), stakeNumber: args[2], witness: fromHex(args[3]) };
    case "concede":
    case "timeoutSolver":
    case "timeoutChallenger":
    case "closeChallenge":
      return { kind, shown, claim: referenceIn(args[1]), stakeNumber: args[2] };
    default:
      throw new Error(`no daemon calls ${kind}`);
  }
}

function partyIn(address: string): Party {
  return address.toLowerCase() as Party;
}

/** An answer does not show the row, which is 0 before it. */
function challengeIn(shown: Result): Challenge {
  return unpackChallenge({ row: zeroRoot, ...shown.toObject() } as unknown as PackedChallenge);
}

function referenceIn(given: Result): ClaimReference {
  const { buildId, finalRoot, details } = given.toObject() as Record<string, Root>;
  const [solver, log2Ticks] = [partyIn(given.solver), Number(given.log2Ticks)];
  return { solver, buildId: buildId!, finalRoot: finalRoot!, log2Ticks, details: details! };
}

function detailsIn(given: Result): ClaimDetails {
  const { salt, checkpointRoot, locatorHash } = given.toObject() as Record<string, Root>;
  const { endStatus, code, recordVersion, artifactSize, artifactSha256 } = given.outcome as Record<string, unknown>;
  return {
    salt: salt!,
    checkpointRoot: checkpointRoot!,
    log2CheckpointTicks: Number(given.log2CheckpointTicks),
    locatorHash: locatorHash!,
    outcome: {
      endStatus: Number(endStatus),
      code: Number(code),
      recordVersion: Number(recordVersion),
      artifactSize: artifactSize as bigint,
      artifactSha256: artifactSha256 as Root,
    },
  };
}

function startIn(pair: Result): Start {
  const { startRoot, endRoot } = pair.toObject() as Record<string, Root>;
  const proofs = { startProof: [...pair.startProof], endProof: [...pair.endProof] };
  return { kind: "checkpoints", index: Number(pair.index), startRoot: startRoot!, endRoot: endRoot!, ...proofs };
}

function selectionIn(given: Result): Selection {
  const { startRoot, endRoot } = given.toObject() as Record<string, Root>;
  return { child: Number(given.child), startRoot: startRoot!, endRoot: endRoot!, siblings: [...given.siblings] };
}

function proofIn(given: Result): RegistersProof {
  const { stackRoot, rest } = given.toObject() as Record<string, Root>;
  const registers = concatBytes(...[...given.registers].map((word: Hex) => fromHex(word)));
  return { registers, stackRoot: stackRoot!, rest: rest! };
}
