import { deepEqual } from "node:assert/strict";
import type { Root } from "../../../src/core/bytes.ts";
import { challengeableUntil, finalizableFrom, rewardDueFrom } from "../../../src/protocol/rounds.ts";
import type { DisputeView } from "../../../src/protocol/views.ts";
import { type Call, nameOf, type Outcome, type Party } from "./calls.ts";
import type { ContractChain } from "./contractChain.ts";
import { invariantsOf } from "./invariants.ts";
import { ModelChain } from "./modelChain.ts";
import type { ModelMachine } from "./modelState.ts";
import { expectedOf, plain, scopeOf } from "./observation.ts";

/**
 * The model and the real contracts side by side. Every call goes to both, and everything that can be seen afterwards must be
 * the same: the outcome with the error's name and arguments, what the sender got, what every party is owed, what the contract
 * holds, and all words that are stored of claims, builds, stakes, challenges, rewards and requests.
 */
export class TwinChain extends ModelChain {
  /** Names of all errors that calls were refused with. */
  readonly refusals = new Set<string>();
  private readonly invariants = invariantsOf(this);

  constructor(
    readonly contracts: ContractChain,
    machine: ModelMachine,
  ) {
    super(contracts.parameters, machine, { address: contracts.address, now: contracts.now() });
  }

  override async send(from: Party, call: Call, at: number): Promise<Outcome> {
    const told = await super.send(from, call, at);
    const done = await this.contracts.send(from, call, at);
    const after = `${nameOf(call)} by ${from} at ${at}`;
    // The model does not know the arguments of every error.
    const args = !told.ok && told.args.length > 0 && !done.ok ? done.args : [];
    deepEqual(plain({ after, ...done, ...(!done.ok && { args }) }), plain({ after, ...told }));
    if (!done.ok) this.refusals.add(done.error);
    const scope = scopeOf(this, this.contracts.parties);
    const [seen, balance] = [await this.contracts.observe(scope), await this.contracts.balance()];
    deepEqual(
      plain({ after, ...seen, balance }),
      plain({ after, ...expectedOf(this, scope), balance: this.state.balance }),
    );
    deepEqual(this.invariants({ call, outcome: done }), []);
    return done;
  }

  /** Parties see the contracts, through their events. */
  override async dispute(challengeId: Root, at: number): Promise<DisputeView> {
    const seen = await this.contracts.dispute(challengeId, at);
    deepEqual(plain(seen), plain(await super.dispute(challengeId, at)));
    return seen;
  }

  /** What the lens and the clients' own logic say of a claim and its build. */
  async checkLens(claimId: Root): Promise<void> {
    const { windowEnd, status, solver, buildId, finalRoot, log2Ticks, details } = this.claim(claimId)!;
    const build = this.build(buildId);
    const { lens, parameters } = this.contracts;
    const reference = { solver, buildId, finalRoot, log2Ticks, details };
    const isOpen = status === "open";
    const from = isOpen ? finalizableFrom(windowEnd, build, parameters.reactionSeconds) : 0;
    const due = build.finalizedAt === 0 ? 0 : rewardDueFrom(build, build.openClaims, parameters);
    const until = challengeableUntil(windowEnd, build, parameters.reactionSeconds);
    deepEqual(await lens.finalizableFrom(reference), BigInt(from));
    deepEqual(await lens.rewardDueFrom(buildId), BigInt(due));
    deepEqual(await lens.isChallengeable(reference), isOpen && this.now() < until);
  }
}
