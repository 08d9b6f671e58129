import { type AssayChain, connect } from "../../src/chain/assay.ts";
import type { Happening } from "../../src/chain/history.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { decodePosition } from "../../src/chain/positions.ts";
import type { Root } from "../../src/core/bytes.ts";
import type { Position } from "../../src/protocol/views.ts";
import { ether, rangeLine, red, remark, say, short } from "./screen.ts";

/** Who is who, for the story only: the parties themselves do not know. */
export type Names = Map<string, string>;

/** Follows the chain and tells what happens on it. */
export class Watch {
  readonly ledger: Ledger;
  readonly happenings: Happening[] = [];
  /** Steps that the disputed ticks have, by challenge. */
  readonly #tickSteps = new Map<Root, number>();
  #round = 0;

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
   * Tells what happens until the first happening of the kind that is asked for.
   * @param doer whose doing it would be.
   */
  async until(
    wanted: (happening: Happening) => boolean,
    what: string,
    timeoutSeconds = 600,
    doer?: { readonly failure: string | undefined },
  ): Promise<Happening> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    const before = this.happenings.find(wanted);
    if (before !== undefined) return before;
    for (;;) {
      const { happenings } = await this.ledger.refresh();
      for (const happening of happenings) {
        this.happenings.push(happening);
        this.#tell(happening);
      }
      const found = happenings.find(wanted);
      if (found !== undefined) return found;
      if (doer?.failure !== undefined) throw new Error(`no sign of ${what}: ${doer.failure}`);
      if (Date.now() > deadline) throw new Error(`no sign of ${what} within ${timeoutSeconds} s; see the logs`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
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

  #tell({ name, args }: Happening): void {
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
        const position = decodePosition(args.position as Parameters<typeof decodePosition>[0]);
        say(this.challenger(args.challengeId), "challenges with a bond: the start is right, the end is wrong");
        return this.#tellPosition(args.challengeId as Root, position);
      }
      case "TickOpened":
        this.#tickSteps.set(args.node as Root, 2 ** Number(args.log2Steps));
        this.#lastTickSteps = 2 ** Number(args.log2Steps);
        return remark(`the tick is opened: 2^${args.log2Steps} steps, one instruction each`);
      case "CursorMoved":
        return this.#tellPosition(
          args.challengeId as Root,
          decodePosition(args.position as Parameters<typeof decodePosition>[0]),
        );
      case "ClaimRefuted":
        say(this.challenger(args.challengeId), "names the one step and shows the state it needs");
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
      case "Withdrawn":
        return remark(`${this.nameOf(args.account)} withdraws ${ether(args.amount as bigint)}`);
    }
  }

  #lastTickSteps = 1;

  #tellPosition(id: Root, { cursor }: Position): void {
    const claim = this.ledger.history.claims.get(cursor.claimId)!;
    const whole = cursor.level === "ticks" ? 2 ** claim.fields.log2Ticks : this.#lastTickSteps;
    const unit = cursor.level === "ticks" ? "ticks" : "steps";
    const round = String(this.#round++).padStart(2);
    remark(`${this.challenger(id)} round ${round}  ${unit} ${rangeLine(cursor.from, 2 ** cursor.log2Length, whole)}`);
  }

  challenger(id: unknown): string {
    return this.nameOf(String(id).slice(0, 42));
  }
}
