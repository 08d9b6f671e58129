import type { ChainLog } from "../../src/chain/blocks.ts";
import type { ContractEvent } from "../../src/chain/events.ts";
import type { Call as SentCall } from "../../src/chain/outbox/call.ts";
import type { Root } from "../../src/core/bytes.ts";
import { challengeIdOf, challengeWord, packChallenge, stakeKeyOf } from "../../src/protocol/challenge.ts";
import { type ClaimReference, claimIdOf, requestIdOf } from "../../src/protocol/claim.ts";
import type { Move } from "../../src/protocol/moves.ts";
import { splitBond } from "../../src/protocol/parameters.ts";
import type { Call, Outcome, Party } from "./game/calls.ts";
import { gameParameters } from "./game/gameParameters.ts";
import { ModelChain } from "./game/modelChain.ts";
import { halted, toyOutcome } from "./game/toyMachine.ts";
import { toyModelMachine } from "./game/toyModelMachine.ts";
import { readCall } from "./readCall.ts";

/** An event with the block in which it stands. */
export interface FakeEvent {
  readonly event: ContractEvent;
  readonly log: ChainLog;
  readonly timestamp: number;
}

/**
 * A chain without servers: the model of the protocol, with the events that the contract writes. Time stands still until a test
 * moves it; each call gets a block of its own.
 */
export class FakeChain {
  readonly model: ModelChain;
  readonly events: FakeEvent[] = [];
  readonly balances = new Map<Party, bigint>();
  /** Wei. */
  gasPrice = 1_000_000_000n;
  block = 0;
  /** Timestamp of the next block. */
  time = 1_000_000;
  /** Words of challenges, as they were stored from a block on. */
  private readonly words: { readonly id: Root; readonly block: number; readonly word: Root }[] = [];

  constructor(readonly parameters = gameParameters) {
    this.model = new ModelChain(parameters, toyModelMachine, { now: this.time });
  }

  pass(seconds: number): void {
    this.time += seconds;
  }

  balanceOf(party: Party): bigint {
    return this.balances.get(party) ?? 0n;
  }

  /** What the contract keeps of a challenge after a block. */
  wordOf(id: Root, block: number): Root | undefined {
    return this.words.findLast((one) => one.id === id && one.block <= block)?.word;
  }

  /** Executes a transaction in a block of its own, if the contract accepts it. */
  async execute(from: Party, call: SentCall): Promise<Outcome> {
    return await this.send(from, readCall(call, toyOutcome(halted)));
  }

  /** The same for a call of the game. */
  async send(from: Party, call: Call, locator = ""): Promise<Outcome> {
    const { model } = this;
    const finalBefore = new Set([...model.state.builds].filter(([, { final }]) => final).map(([id]) => id));
    const outcome = await model.send(from, call, this.time);
    if (!outcome.ok) return outcome;
    this.block++;
    const value = "value" in call ? call.value : 0n;
    this.balances.set(from, this.balanceOf(from) - value + outcome.received);
    for (const [name, args] of eventsOf(model, from, call, locator)) {
      if (name === "BuildFinalized" && finalBefore.has(args.buildId as Root)) continue;
      const log = { blockNumber: this.block, transactionHash: `0x${this.block.toString(16)}` } as ChainLog;
      this.events.push({ event: { name, args }, log, timestamp: this.time });
      const id = args.challengeId as Root | undefined;
      if (id !== undefined) {
        this.words.push({ id, block: this.block, word: challengeWord(model.state.challenges.get(id)!.at) });
      }
    }
    return outcome;
  }
}

type Written = readonly [name: string, args: Readonly<Record<string, unknown>>];

/** What the contract writes about a call that it has executed. */
function eventsOf(model: ModelChain, from: Party, call: Call, locator: string): Written[] {
  const idOf = (claim: ClaimReference) => claimIdOf(model.chainId, model.address, claim);
  switch (call.kind) {
    case "commit":
      return [["ClaimCommitted", { claimId: call.claimId, solver: from }]];
    case "reveal":
      return [revealed(model, from, call)];
    case "expireCommit":
      return [["CommitEnded", { claimId: call.claimId, solver: call.solver }]];
    case "returnCommit":
      return [["CommitEnded", { claimId: idOf(call.claim), solver: call.claim.solver }]];
    case "finalize": {
      const { buildId, finalRoot } = call.claim;
      const claimId = idOf(call.claim);
      return [
        ["ClaimFinalized", { claimId, buildId }],
        ["BuildFinalized", { claimId, buildId, finalRoot }],
      ];
    }
    case "challenge": {
      const { stakeNumber, claim } = call;
      const claimId = idOf(claim);
      const challengeId = challengeIdOf(stakeKeyOf(from, claim.buildId, stakeNumber), claimId);
      const challenge = packChallenge(model.state.challenges.get(challengeId)!.at);
      return [["ChallengeOpened", { claimId, challengeId, challenger: from, stakeNumber, challenge }]];
    }
    case "move":
      return moved(model, call.move);
    case "returnStake":
      return [["StakeReturned", { challenger: from, buildId: call.buildId, stakeNumber: call.stakeNumber }]];
    case "request": {
      const { buildId, expiry, number, value: amount } = call;
      const requestId = requestIdOf({ requester: from, buildId, expiry, number });
      return [["BuildRequested", { requestId, buildId, requester: from, amount, expiry, number, locator }]];
    }
    case "refundRequest":
      return [["RequestRefunded", { requestId: requestIdOf(call.request), buildId: call.request.buildId }]];
    case "payReward":
      return [["RewardPaid", { buildId: call.buildId }]];
    case "withdraw":
      return [];
    case "multicall":
      return call.calls.flatMap((one) => eventsOf(model, from, one, locator));
  }
}

function revealed(model: ModelChain, solver: Party, call: Call & { kind: "reveal" }): Written {
  const { fields, salt, endProof } = call;
  const outcome = model.machine.result(fields.finalRoot, endProof);
  const claim = [...model.state.claims.values()].findLast(({ shown }) => shown?.details.salt === salt)!;
  const { joinDeadline } = model.build(fields.buildId);
  const opensRound = joinDeadline === model.now() + model.parameters.baseWindowSeconds;
  const { buildId } = fields;
  const times = { windowEnd: claim.windowEnd, joinDeadline, opensRound };
  return ["ClaimRevealed", { claimId: claim.id, buildId, solver, fields, salt, outcome, ...times }];
}

function moved({ state, chainId, address, parameters }: ModelChain, move: Move): Written[] {
  const challengeId = move.shown.id;
  const { at, roots, claim } = state.challenges.get(challengeId)!;
  const challenge = packChallenge(at);
  switch (move.kind) {
    case "postRow":
    case "openTick":
      return [["Answered", { challengeId, challenge, interiorRoots: roots }]];
    case "select":
      return [["Selected", { challengeId, challenge }]];
    case "timeoutChallenger":
      return [["ChallengeLost", { claimId: claim.id, challengeId }]];
    case "closeChallenge":
      return [["ChallengeClosed", { claimId: claim.id, challengeId }]];
    default: {
      const cause = move.kind === "timeoutSolver" ? 1n : move.kind === "concede" ? 2n : 0n;
      const { paid, burned } = splitBond(parameters.solverBond, parameters.burnPermille);
      const ids = { claimId: claimIdOf(chainId, address, move.claim), buildId: move.claim.buildId, challengeId };
      return [["ClaimRefuted", { ...ids, cause, rewarded: at.challenger, paid, burned }]];
    }
  }
}
