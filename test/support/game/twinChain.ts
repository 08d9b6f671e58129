import { expect } from "vitest";
import type { Root } from "../../../src/core/bytes.ts";
import type { ClaimFields } from "../../../src/protocol/claim.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { ChallengeId, DisputeView } from "../../../src/protocol/views.ts";
import type { Call, GameChain, Outcome, Party } from "./calls.ts";
import type { ContractChain } from "./contractChain.ts";
import { ModelChain } from "./modelChain.ts";
import type { ModelMachine } from "./modelState.ts";

/**
 * The model and the real contracts side by side. Every call goes to both, and everything that can be seen afterwards must be
 * the same: the outcome with the error's name, what every party is owed, what the contract holds, where every challenge
 * stands, what every claim has become.
 */
export class TwinChain implements GameChain {
  /** Names of all errors that calls were refused with. */
  readonly refusals = new Set<string>();

  private constructor(
    readonly contracts: ContractChain,
    readonly model: ModelChain,
  ) {}

  static on(contracts: ContractChain, machine: ModelMachine): TwinChain {
    const { parameters, address } = contracts;
    return new TwinChain(contracts, new ModelChain(parameters, machine, { address, now: contracts.now() }));
  }

  get parameters(): Parameters {
    return this.contracts.parameters;
  }

  now(): number {
    return this.model.now();
  }

  async send(from: Party, call: Call, at: number): Promise<Outcome> {
    const told = await this.model.send(from, call, at);
    const done = await this.contracts.send(from, call, at);
    const what = call.kind === "move" ? call.move.kind : call.kind;
    expect(summary(done), `${what} by ${from} at ${at}`).toEqual(summary(told));
    if (!done.ok) this.refusals.add(done.error);
    await this.#compare(what);
    return done;
  }

  async #compare(after: string): Promise<void> {
    const { contracts, model } = this;
    for (const party of contracts.parties) {
      expect(await contracts.owed(party), `owed to ${party} after ${after}`).toBe(await model.owed(party));
    }
    expect(await contracts.balance(), `balance after ${after}`).toBe(await model.balance());
    expect(model.liabilities(), `liabilities after ${after}`).toBe(await model.balance());
    for (const { id, status, position } of model.state.challenges.values()) {
      const stands = await contracts.stands(id, status === "open" ? position : undefined);
      expect(stands, `challenge ${id} stands as in the model after ${after}`).toBe(true);
    }
    for (const { id, fields } of model.state.claims.values()) {
      expect((await contracts.claim(id))?.status, `status of claim ${id} after ${after}`).toBe(
        (await model.claim(id))?.status,
      );
      expect(await contracts.finalizableFrom(id)).toBe(await model.finalizableFrom(id));
      expect(await contracts.build(fields.buildId)).toEqual(await model.build(fields.buildId));
    }
  }

  async claimIdOf(solver: Party, salt: Root, fields: ClaimFields): Promise<Root> {
    const id = await this.contracts.claimIdOf(solver, salt, fields);
    expect(await this.model.claimIdOf(solver, salt, fields)).toBe(id);
    return id;
  }

  /** Parties see the contracts, through their events. */
  async dispute(id: ChallengeId, at: number): Promise<DisputeView> {
    const seen = await this.contracts.dispute(id, at);
    const told = await this.model.dispute(id, at);
    expect({ ...seen.challenge, claim: seen.claim }).toEqual({ ...told.challenge, claim: told.claim });
    return seen;
  }

  claim(claimId: Root) {
    return this.contracts.claim(claimId);
  }
  finalizableFrom(claimId: Root) {
    return this.contracts.finalizableFrom(claimId);
  }
  build(buildId: Root) {
    return this.contracts.build(buildId);
  }
  owed(party: Party) {
    return this.contracts.owed(party);
  }
  balance() {
    return this.contracts.balance();
  }
}

function summary(outcome: Outcome): string {
  return outcome.ok ? `done ${outcome.id ?? ""}` : outcome.error;
}
