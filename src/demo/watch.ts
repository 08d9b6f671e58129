import { setTimeout as pause } from "node:timers/promises";
import { type AssayChain, connect } from "../chain/assay.ts";
import type { HistoryEvent } from "../chain/history.ts";
import { Ledger } from "../chain/ledger.ts";
import { AssayError } from "../core/errors.ts";
import { type Challenge, isOneTick, type PackedChallenge, unpackChallenge } from "../protocol/challenge.ts";
import { ether, rangeLine, red, remark, say, short } from "./screen.ts";

/** Who is who, for the demo only: the parties themselves do not know. */
export type Names = Map<string, string>;

/** Follows the chain and tells what happens on it. */
export class Watch {
  readonly ledger: Ledger;
  readonly events: HistoryEvent[] = [];
  /** Steps of the tick that was opened last. */
  private tickSteps = 1;
  /** The challenge of which was told last. */
  private last: Challenge | undefined;
  private round = 0;

  private constructor(
    readonly chain: AssayChain,
    private readonly names: Names,
  ) {
    this.ledger = new Ledger(chain);
  }

  static async open(rpc: string, assay: string, names: Names): Promise<Watch> {
    const deployment = { rpc, chainId: 31337n, assay, deploymentBlock: 0, confirmations: 0, logRange: 5000 };
    const limits = { timeoutMilliseconds: 20_000, retries: 3, retryMilliseconds: 200, pollMilliseconds: 200 };
    return new Watch(await connect(deployment, limits), names);
  }

  /**
   * Tells what happens until the first event of the kind that is asked for.
   * @param doer whose doing it would be.
   */
  async until(
    wanted: (event: HistoryEvent) => boolean,
    what: string,
    timeoutSeconds = 600,
    doer?: { readonly failure: string | undefined },
  ): Promise<HistoryEvent> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    const before = this.events.find(wanted);
    if (before !== undefined) return before;
    for (;;) {
      const found = (await this.look()).find(wanted);
      if (found !== undefined) return found;
      if (doer?.failure !== undefined) throw new AssayError("demo/no-sign", `no sign of ${what}: ${doer.failure}`);
      if (Date.now() > deadline)
        throw new AssayError("demo/no-sign", `no sign of ${what} within ${timeoutSeconds} s; see the logs`);
      await pause(200);
    }
  }

  /** Tells what has happened since. */
  async look(): Promise<readonly HistoryEvent[]> {
    const { events } = await this.ledger.refresh();
    for (const event of events) {
      this.events.push(event);
      this.describe(event);
    }
    return events;
  }

  /** Sets the chain's clock forward instead of waiting: only a local chain can do that. */
  async skipTo(second: number): Promise<number> {
    const { provider } = this.chain;
    const now = (await provider.getBlock("latest"))!.timestamp;
    if (second > now) {
      await provider.send("evm_setNextBlockTimestamp", [second]);
      await provider.send("evm_mine", []);
    }
    return Math.max(0, second - now);
  }

  nameOf(address: unknown): string {
    return this.names.get(String(address).toLowerCase()) ?? short(String(address));
  }

  private describe({ name, args }: HistoryEvent): void {
    switch (name) {
      case "BuildRequested":
        return say("client", `puts ${ether(args.amount as bigint)} on build ${short(String(args.buildId))}`);
      case "ClaimCommitted":
        return say(this.nameOf(args.solver), "commits to a claim, with its bond, without showing it");
      case "ClaimRevealed": {
        const { finalRoot, log2Ticks } = (args as { fields: { finalRoot: string; log2Ticks: bigint } }).fields;
        return say(this.nameOf(args.solver), `reveals: 2^${log2Ticks} ticks end in state ${short(finalRoot)}`);
      }
      case "ChallengeOpened": {
        const challenge = challengeIn(args);
        say(this.nameOf(challenge.challenger), "challenges with a bond: the start is right, the end is wrong");
        return this.tellRange(challenge);
      }
      case "Answered": {
        const challenge = challengeIn(args);
        const last = this.last;
        this.last = challenge;
        if (last === undefined || !isOneTick(last.range)) return;
        this.tickSteps = 2 ** challenge.range.log2Length;
        return remark(`the tick is opened: 2^${challenge.range.log2Length} steps, one instruction each`);
      }
      case "Selected":
        return this.tellRange(challengeIn(args));
      case "ClaimRefuted":
        say(this.nameOf(args.rewarded), "names the one step and shows the state it needs");
        say("contract", `executes that step itself: the claim is ${red("refuted")}`);
        return remark(
          `bond: ${ether(args.paid as bigint)} to the ${this.nameOf(args.rewarded)}, ${ether(args.burned as bigint)} burned`,
        );
      case "ClaimFinalized":
        return say("contract", "a claim has survived its window: bond back to its solver");
      case "BuildFinalized":
        return say("contract", `the build is final: state ${short(String(args.finalRoot))}`);
      case "RewardPaid":
        return say("contract", `pays the reward of ${ether(args.amount as bigint)} to the ${this.nameOf(args.solver)}`);
      case "StakeReturned":
        return remark(`the ${this.nameOf(args.challenger)} takes its stake back`);
      case "Withdrawn":
        return remark(`${this.nameOf(args.account)} withdraws ${ether(args.amount as bigint)}`);
    }
  }

  private tellRange(challenge: Challenge): void {
    this.last = challenge;
    const { level, from, log2Length } = challenge.range;
    const claimId = this.ledger.history.challenges.get(challenge.id)!.claimId;
    const whole = level === "ticks" ? 2 ** this.ledger.history.claims.get(claimId)!.fields.log2Ticks : this.tickSteps;
    const round = String(this.round++).padStart(2);
    remark(`${this.nameOf(challenge.challenger)} round ${round}  ${level} ${rangeLine(from, 2 ** log2Length, whole)}`);
  }
}

function challengeIn(args: HistoryEvent["args"]): Challenge {
  return unpackChallenge(args.challenge as PackedChallenge);
}
