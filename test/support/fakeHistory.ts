import fc from "fast-check";
import type { Root } from "../../src/core/bytes.ts";
import { toyBuild, wrongRun } from "./fakeBuilds.ts";
import type { FakeParty } from "./fakeParty.ts";
import { accomplice, CallRefused, ether, FakeWorld, type HandmadeClaim, solverAddress, stranger } from "./fakeWorld.ts";
import type { Call } from "./game/calls.ts";
import type { ToyTrace } from "./game/toyTrace.ts";

/** Something that strangers do, or that happens to the daemons, before they look again; calls may be refused. */
export type Incident =
  | { readonly kind: "pass"; readonly seconds: number }
  | { readonly kind: "request"; readonly seed: number; readonly expiresAfter: number }
  | { readonly kind: "commit"; readonly seed: number; readonly fault: number }
  | { readonly kind: (typeof claimIncidents)[number]; readonly claim: number }
  | { readonly kind: "claim"; readonly seed: number; readonly fault: number; readonly clones: number }
  | { readonly kind: "restart"; readonly party: number }
  | { readonly kind: "challengeSolver"; readonly claim: number }
  | { readonly kind: "sleep"; readonly party: number; readonly turns: number; readonly seconds: number };

const claimIncidents = ["reveal", "challenge", "answer", "concede", "timeoutChallenger", "finalize"] as const;
const seeds = fc.integer({ min: 1, max: 2 });

/** Times are short, or about as long as the terms of the contract. */
const seconds = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 61, max: 480 }));

/** With daemons that never sleep. */
export const incidents: fc.Arbitrary<Incident> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("pass" as const), seconds }) },
  fc.record({ kind: fc.constant("request" as const), seed: seeds, expiresAfter: fc.integer({ min: 1, max: 3000 }) }),
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("commit" as const), seed: seeds, fault: fc.integer({ min: 0, max: 2 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("claim" as const),
      seed: seeds,
      fault: fc.integer({ min: 0, max: 2 }),
      clones: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 7, arbitrary: fc.record({ kind: fc.constantFrom(...claimIncidents), claim: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("challengeSolver" as const), claim: fc.nat(1) }) },
  fc.record({ kind: fc.constant("restart" as const), party: fc.nat(1) }),
);

/** With daemons that do nothing for a while. */
export const incidentsWithOutages: fc.Arbitrary<Incident> = fc.oneof(
  { weight: 8, arbitrary: incidents },
  fc.record({
    kind: fc.constant("sleep" as const),
    party: fc.nat(1),
    turns: fc.integer({ min: 1, max: 6 }),
    seconds: fc.integer({ min: 0, max: 1200 }),
  }),
);

interface Committed {
  readonly claim: HandmadeClaim;
  readonly trace: ToyTrace;
  readonly isWrong: boolean;
}

/** A solver and a verifier among strangers; they look, and have their moves mined, after each thing that happens. */
export class FakeHistory {
  readonly world = new FakeWorld();
  readonly parties: readonly FakeParty[] = [this.world.solver(), this.world.verifier()];
  private readonly claims: Committed[] = [];
  /** Turns that a party still sleeps. */
  private readonly asleep = [0, 0];
  private challenges = 0n;

  async play(events: readonly Incident[]): Promise<void> {
    for (const address of this.world.chain.balances.keys()) this.world.chain.balances.set(address, 1000n * ether);
    for (const incident of events) {
      await this.happen(incident);
      await this.look();
    }
    // Whatever is open comes to its end.
    for (let i = 0; i < 16; i++) {
      this.world.chain.pass(240);
      await this.look();
    }
  }

  /** Wrong claims that are final. */
  get wrongFinals(): Root[] {
    const { model } = this.world.chain;
    return this.claims
      .filter(({ claim, isWrong }) => isWrong && model.claim(claim.claimId)?.status === "final")
      .map(({ claim }) => claim.claimId);
  }

  /** Claims of the solver that are refuted. */
  get ownRefuted(): Root[] {
    const claims = [...this.world.chain.model.state.claims.values()];
    return claims.filter(({ solver, status }) => solver === solverAddress && status === "refuted").map(({ id }) => id);
  }

  private async look(): Promise<void> {
    for (const [i, party] of this.parties.entries()) {
      if (this.asleep[i]! > 0) {
        this.asleep[i]!--;
        continue;
      }
      // What was refused a moment ago may be tried again.
      party.ports.milliseconds += 15_000;
      await party.act();
    }
  }

  private async happen(incident: Incident): Promise<void> {
    const { world } = this;
    switch (incident.kind) {
      case "pass":
        return world.chain.pass(incident.seconds);
      case "restart":
        return this.parties[incident.party]!.restart();
      case "request":
        return void (await this.try(async () => await world.request(incident.seed, ether, incident.expiresAfter)));
      case "commit": {
        const { seed, fault } = incident;
        const trace = fault === 0 ? toyBuild(seed) : wrongRun(seed, fault);
        return void this.claims.push({ claim: await world.commit(stranger, trace), trace, isWrong: fault !== 0 });
      }
      case "claim": {
        const { seed, fault, clones } = incident;
        for (let i = 0; i < clones; i++) {
          await this.happen({ kind: "commit", seed, fault });
        }
        world.chain.pass(world.parameters.minCommitAgeSeconds);
        for (const { claim } of this.claims.slice(-clones)) {
          await this.try(async () => await world.send(stranger, claim.reveal));
        }
        return;
      }
      case "sleep":
        this.asleep[incident.party] = incident.turns;
        return world.chain.pass(incident.seconds);
      case "challengeSolver": {
        const own = [...world.chain.model.state.claims.values()].filter(({ solver }) => solver === solverAddress);
        const { shown } = own[incident.claim % Math.max(1, own.length)] ?? {};
        if (shown !== undefined) {
          await this.try(async () => await world.challenge(accomplice, shown, this.challenges++));
        }
        return;
      }
      default:
        if (this.claims.length === 0) return;
        await this.try(async () => await this.touch(incident.kind, this.claims[incident.claim % this.claims.length]!));
    }
  }

  private async touch(kind: (typeof claimIncidents)[number], { claim, trace }: Committed): Promise<void> {
    const { world } = this;
    switch (kind) {
      case "reveal":
        return await world.send(stranger, claim.reveal);
      case "challenge":
        return await world.challenge(accomplice, claim, this.challenges++);
      case "answer":
        return await world.answer(stranger, claim, trace);
      case "finalize": {
        const call: Call = { kind: "finalize", claim: claim.reference, details: claim.details };
        return await world.send(accomplice, call);
      }
      default:
        return await world.end(stranger, kind, claim);
    }
  }

  /** Strangers may try what the contract refuses. */
  private async try(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
    }
  }
}
