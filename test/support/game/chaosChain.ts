import type { Root } from "../../../src/core/bytes.ts";
import type { Challenge } from "../../../src/protocol/challenge.ts";
import type { ClaimDetails, ClaimReference } from "../../../src/protocol/claim.ts";
import { hashWords, zeroRoot } from "../../../src/protocol/hash.ts";
import type { Move, Selection } from "../../../src/protocol/moves.ts";
import type { Call, ChallengeCall, Party, Reveal } from "./calls.ts";
import type { ModelChain } from "./modelChain.ts";
import type { Chance } from "./strategies.ts";

/**
 * Sends, before each call of a game, calls that nobody sane would send: the same with one thing wrong, from another sender,
 * an older one again, or another move at the same place. Most are refused, some are not; model and contracts must agree on
 * all of them.
 */
export function chaotic<C extends ModelChain>(chain: C, parties: readonly Party[], chance: Chance, perCall: number): C {
  let choices = 0;
  const choose: Choose = (from) => from[Math.floor(chance("choice", choices++) * from.length)]!;
  const chaos = new Chaos(parties, choose);
  return new Proxy(chain, {
    get(target, name) {
      if (name !== "send") {
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async (from: Party, call: Call, at: number) => {
        chaos.learn(call);
        let now = Math.max(at, target.now() + 1);
        for (let i = 0; i < perCall; i++) {
          const other = chaos.wrong(call, now);
          await target.send(choose([from, from, from, choose(parties)]), other, now++);
        }
        return target.send(from, call, now);
      };
    },
  });
}

type Choose = <T>(from: readonly T[]) => T;

interface Claim {
  readonly claim: ClaimReference;
  readonly details: ClaimDetails;
}

class Chaos {
  /** What has been sent so far, to be sent again. */
  private readonly sent: Call[] = [];
  private readonly claims: Claim[] = [];
  private readonly ids: Root[] = [];

  constructor(
    readonly parties: readonly Party[],
    readonly choose: Choose,
  ) {}

  learn(call: Call): void {
    this.sent.push(call);
    if (call.kind === "commit") this.ids.push(call.claimId);
    if (call.kind === "challenge" || call.kind === "finalize") {
      this.claims.push({ claim: call.claim, details: call.details });
    }
  }

  wrong(call: Call, now: number): Call {
    const { choose } = this;
    const spoiled = this.spoiled(call, now);
    const other = choose<Call>([spoiled, spoiled, spoiled, call, choose(this.sent), this.unrelated(now)]);
    if ("value" in other || choose([0, 1, 2, 3]) !== 0) return other;
    return { kind: "multicall", calls: choose([[other], [{ kind: "withdraw" }, other], [other, other]]) };
  }

  /** The same call with one thing wrong, or another one of its kind. */
  private spoiled(call: Call, now: number): Call {
    const { choose } = this;
    switch (call.kind) {
      case "commit":
        return { ...call, value: call.value - choose([-1n, 0n, 1n]), claimId: choose(this.ids) };
      case "reveal":
        return this.reveal(call);
      case "challenge":
        return this.challenge(call);
      case "finalize":
        return { ...call, ...choose([{ claim: this.claim().claim }, { details: this.claim().details }, call]) };
      case "returnCommit":
        return { ...call, claim: spoilClaim(call.claim, choose) };
      case "request":
        return { ...call, expiry: now + choose([-1, 0, 1, 500]), value: choose([0n, 5n]) };
      case "refundRequest":
        return { ...call, request: { ...call.request, number: call.request.number + choose([0n, 1n]) } };
      case "move":
        return { kind: "move", move: choose([this.spoilMove(call.move), this.replaced(call.move)]) };
      default:
        return this.unrelated(now);
    }
  }

  private claim(): Claim {
    return this.choose(this.claims);
  }

  private unrelated(now: number): Call {
    const { choose } = this;
    const known = this.claims.length === 0 ? undefined : this.claim();
    const buildId = known?.claim.buildId ?? hashWords(1);
    const calls: Call[] = [
      { kind: "withdraw" },
      { kind: "payReward", buildId },
      { kind: "returnStake", buildId, stakeNumber: choose([0n, 0n, 1n]) },
      {
        kind: "request",
        buildId,
        expiry: now + choose([-1, 0, 1, 500]),
        number: choose([0n, 9n]),
        value: choose([0n, 5n]),
      },
    ];
    const requests = this.sent.flatMap((call) => (call.kind === "refundRequest" ? [call] : []));
    if (requests.length > 0) calls.push(choose(requests));
    if (this.ids.length > 0) {
      calls.push({ kind: "expireCommit", solver: choose(this.parties), claimId: choose(this.ids) });
    }
    if (known !== undefined) {
      calls.push({ kind: "finalize", ...known }, { kind: "returnCommit", claim: known.claim });
      calls.push({ kind: "challenge", ...known, start: { kind: "whole" }, stakeNumber: choose([0n, 7n]), value: 0n });
    }
    return choose(calls);
  }

  private reveal(call: Reveal): Call {
    const { fields, startProof, endProof } = call;
    return this.choose<Call>([
      { ...call, salt: hashWords(5) },
      { ...call, fields: { ...fields, log2Ticks: fields.log2Ticks + 1 } },
      { ...call, fields: { ...fields, locator: "x".repeat(257) } },
      { ...call, fields: { ...fields, checkpointRoot: hashWords(6) } },
      { ...call, startProof: { ...startProof, rest: hashWords(6) } },
      { ...call, endProof: endProof.subarray(1) },
      { ...call, endProof: flipped(endProof, this.choose) },
    ]);
  }

  private challenge(call: ChallengeCall): Call {
    const { choose } = this;
    const { start, details, claim, stakeNumber, value } = call;
    const others: ChallengeCall[] = [
      { ...call, value: value + choose([1n, -1n]) * (value === 0n ? 1n : value) + choose([0n, value]) },
      { ...call, stakeNumber: stakeNumber + 1n },
      { ...call, claim: choose([spoilClaim(claim, choose), this.claim().claim]) },
    ];
    if (start.kind === "checkpoints") {
      others.push({ ...call, details: { ...details, salt: hashWords(7) } });
      others.push({ ...call, start: { ...start, index: start.index + 1 } });
      others.push({ ...call, start: { ...start, startProof: [...start.startProof, zeroRoot] } });
      others.push({ ...call, start: { ...start, endRoot: hashWords(2) } });
      others.push({ ...call, start: { ...start, index: 2 ** 20 } });
    }
    const other = choose(others);
    return other.value < 0n ? { ...other, value: 0n } : other;
  }

  /** The same move with one thing wrong. */
  private spoilMove(move: Move): Move {
    const { choose } = this;
    const shown = choose([spoilShown(move.shown, choose), this.otherShown(), move.shown, move.shown]);
    const at = { ...move, shown } as Move;
    if ("claim" in at && choose([true, false])) {
      const stakeNumber = at.stakeNumber + choose([0n, 1n]);
      return { ...at, stakeNumber, claim: choose([spoilClaim(at.claim, choose), this.claim().claim, at.claim]) };
    }
    switch (at.kind) {
      case "postRow":
        return { ...at, roots: spoilRoots(at.roots, choose) };
      case "openTick": {
        const { opening } = at;
        const { log2Steps, start, end } = opening;
        const openings = [
          opening,
          { ...opening, log2Steps: log2Steps + choose([1, 30]) },
          { ...opening, start: end },
          { ...opening, end: { ...end, stackRoot: start.rest } },
        ];
        return { ...at, opening: choose(openings), roots: choose([at.roots, spoilRoots(at.roots, choose)]) };
      }
      case "select":
        return { ...at, selection: spoilSelection(at.selection, choose) };
      case "selectFault":
        return choose<Move>([
          { ...at, witness: spoilWitness(at.witness, choose) },
          { ...at, selection: spoilSelection(at.selection, choose) },
          { kind: "select", shown, selection: at.selection },
        ]);
      case "proveFault":
        return { ...at, witness: spoilWitness(at.witness, choose) };
      default:
        return at;
    }
  }

  /** Another move at the same place: too early, by the wrong side, or after the end. */
  private replaced({ shown }: Move): Move {
    const { choose } = this;
    const ending = { shown, claim: this.claim().claim, stakeNumber: choose([0n, 1n]) };
    const selection = { child: 0, startRoot: zeroRoot, endRoot: shown.endRoot, siblings: [] };
    return choose<Move>([
      { kind: "timeoutSolver", ...ending },
      { kind: "timeoutChallenger", ...ending },
      { kind: "closeChallenge", ...ending },
      { kind: "concede", ...ending },
      { kind: "proveFault", ...ending, witness: new Uint8Array(288) },
      { kind: "postRow", shown, roots: [hashWords(16)] },
      { kind: "select", shown, selection },
      { kind: "selectFault", ...ending, selection, witness: new Uint8Array(288) },
    ]);
  }

  /** Where some challenge has stood before. */
  private otherShown(): Challenge {
    const moves = this.sent.flatMap((call) => (call.kind === "move" ? [call.move.shown] : []));
    return this.choose(moves);
  }
}

function spoilClaim(claim: ClaimReference, choose: Choose): ClaimReference {
  return choose([
    { ...claim, solver: `0x${"11".repeat(20)}` },
    { ...claim, buildId: hashWords(3) },
    { ...claim, finalRoot: hashWords(4) },
    { ...claim, log2Ticks: claim.log2Ticks + 1 },
    { ...claim, details: hashWords(5) },
  ]);
}

function spoilShown(shown: Challenge, choose: Choose): Challenge {
  const { range } = shown;
  return choose<Challenge>([
    { ...shown, id: hashWords(12) },
    { ...shown, challenger: shown.solver },
    { ...shown, solver: shown.challenger },
    { ...shown, range: { ...range, from: range.from + 1 } },
    { ...shown, range: { ...range, tick: range.tick + 1 } },
    { ...shown, range: { ...range, log2Length: range.log2Length + 1 } },
    { ...shown, range: { ...range, level: range.level === "ticks" ? "steps" : "ticks" } },
    { ...shown, since: shown.since - 1 },
    { ...shown, solverLeft: shown.solverLeft + 1 },
    { ...shown, challengerLeft: shown.challengerLeft + 1 },
    { ...shown, startRoot: shown.endRoot },
    { ...shown, endRoot: hashWords(13) },
    { ...shown, row: shown.row === zeroRoot ? hashWords(14) : zeroRoot },
  ]);
}

function spoilRoots(roots: readonly Root[], choose: Choose): readonly Root[] {
  return choose([roots.slice(1), [...roots, zeroRoot], roots.map(() => hashWords(3)), roots]);
}

function spoilWitness(witness: Uint8Array, choose: Choose): Uint8Array {
  return choose([flipped(witness, choose), witness.subarray(1), witness.subarray(0, 100), witness]);
}

function flipped(bytes: Uint8Array, choose: Choose): Uint8Array {
  const copy = bytes.slice();
  const at = choose([...bytes.keys()]);
  copy[at] = copy[at]! ^ 4;
  return copy;
}

function spoilSelection(selection: Selection, choose: Choose): Selection {
  const { child, siblings } = selection;
  return choose([
    { ...selection, child: child + 1 },
    { ...selection, child: 200 },
    { ...selection, siblings: siblings.slice(1) },
    { ...selection, siblings: [...siblings, zeroRoot] },
    { ...selection, siblings: siblings.map(() => zeroRoot) },
    { ...selection, startRoot: hashWords(9) },
    { ...selection, endRoot: hashWords(10) },
  ]);
}
