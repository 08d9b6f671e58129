import type { Root } from "../../../src/core/bytes.ts";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import { CheckpointTree } from "../../../src/protocol/checkpoints.ts";
import type { ClaimFields } from "../../../src/protocol/claim.ts";
import { hashWords } from "../../../src/protocol/hash.ts";
import type { Move } from "../../../src/protocol/moves.ts";
import type { ChallengeId } from "../../../src/protocol/views.ts";
import type { Call, GameChain, Outcome, Party } from "./calls.ts";
import type { Strategy } from "./strategies.ts";
import { fieldsOf, type GameTrace } from "./world.ts";

/** A claim that somebody makes in a game. */
export interface ClaimSeat {
  readonly party: Party;
  readonly honest: boolean;
  /** What it claims: fields and proofs come from here. */
  readonly trace: GameTrace;
  /** How it answers challenges. */
  readonly strategy: Strategy;
  readonly log2Ticks: number;
  readonly log2CheckpointTicks: number;
  /** Seconds after the first moment at which it can be revealed. */
  readonly revealAfter: number;
  /** Seconds after that first moment when it commits, if not before everybody reveals. */
  readonly commitAfter?: number;
  /** The checkpoint list it publishes, if it is not the trace's own. */
  readonly checkpoints?: readonly Root[];
  /** Seconds after the reveal when somebody tries to finalize it, beside the end of the game. */
  readonly finalizeAfter?: number;
}

/** A challenge that somebody opens in a game. */
export interface ChallengeSeat {
  readonly party: Party;
  readonly honest: boolean;
  /** Number of the claim in the scenario. */
  readonly claim: number;
  readonly strategy: Strategy;
  /** Seconds after the claim's reveal. */
  readonly after: number;
  readonly start: Start;
}

export interface Scenario {
  readonly claims: readonly ClaimSeat[];
  readonly challenges: readonly ChallengeSeat[];
}

export interface PlayedCall {
  readonly from: Party;
  readonly honest: boolean;
  readonly strategy: string;
  readonly call: Call;
  readonly at: number;
  readonly outcome: Outcome;
}

export interface PlayedChallenge {
  readonly seat: ChallengeSeat;
  readonly id: ChallengeId;
  readonly openedAt: number;
  /** When it could no longer change anything: lost, closed, or its claim decided. */
  readonly endedAt: number;
  readonly status: "open" | "lost" | "closed";
}

export interface Report {
  readonly calls: readonly PlayedCall[];
  readonly claims: readonly { readonly seat: ClaimSeat; readonly id: Root; readonly status: string }[];
  readonly challenges: readonly PlayedChallenge[];
  /** What each party has received or could withdraw, minus what it has put in, in wei. */
  readonly net: ReadonlyMap<Party, bigint>;
}

/** Calls a game may have before it counts as endless. */
const mostCalls = 20_000;

/** Plays a scenario to its end: every claim refuted, or final, or standing against a contradiction that nobody resolves. */
export async function playGame(chain: GameChain, scenario: Scenario, afterEach?: () => void): Promise<Report> {
  const game = new Game(chain, scenario, afterEach);
  await game.commitAll();
  await game.play();
  return game.report();
}

type Seat = ClaimSeat | ChallengeSeat;

/** Somebody who has nothing to lose in the game. */
function anyone(seat: ClaimSeat): ClaimSeat {
  return { ...seat, honest: false };
}

interface Opened {
  readonly seat: ChallengeSeat;
  readonly id: ChallengeId;
  readonly openedAt: number;
}

interface NextMove {
  readonly at: number;
  readonly seat: Seat;
  readonly id: ChallengeId;
  readonly move: Move;
  readonly as?: Party;
}

class Game {
  readonly #calls: PlayedCall[] = [];
  readonly #paid = new Map<Party, bigint>();
  readonly #owedBefore = new Map<Party, bigint>();
  readonly #made: { readonly seat: ClaimSeat; readonly fields: ClaimFields; readonly salt: Root; readonly id: Root }[] =
    [];
  readonly #opened: Opened[] = [];
  /** Who has had a call refused and sees nothing new since. */
  readonly #stuck = new Set<string>();

  constructor(
    readonly chain: GameChain,
    readonly scenario: Scenario,
    readonly afterEach: () => void = () => {},
  ) {}

  /** Commits to the claims in the order of the scenario: it is their seniority. */
  async commitAll(): Promise<void> {
    const { claims, challenges } = this.scenario;
    for (const { party } of [...claims, ...challenges]) this.#owedBefore.set(party, await this.chain.owed(party));
    for (const [number, seat] of claims.entries()) {
      const own = await fieldsOf(seat.trace, seat.log2Ticks, seat.log2CheckpointTicks);
      const { checkpoints } = seat;
      const fields = checkpoints ? { ...own, checkpointRoot: new CheckpointTree({ roots: checkpoints }).root } : own;
      const salt = hashWords(number);
      const id = await this.chain.claimIdOf(seat.party, salt, fields);
      if (seat.commitAfter === undefined) await this.#commit(seat, id, this.chain.now() + 1);
      this.#made.push({ seat, fields, salt, id });
    }
  }

  #commit(seat: ClaimSeat, claimId: Root, at: number): Promise<Outcome> {
    return this.#send(seat, { kind: "commit", claimId }, at);
  }

  async play(): Promise<void> {
    const agenda = this.#agenda();
    for (;;) {
      const next = await this.#nextMove();
      const due = agenda[0];
      if (due !== undefined && (next === undefined || due.at <= next.at)) {
        agenda.shift();
        await due.run(Math.max(this.chain.now() + 1, due.at));
        this.#stuck.clear();
      } else if (next !== undefined) {
        const { seat, as, id, move } = next;
        const sender = as === undefined ? seat : { ...seat, party: as, honest: false };
        const outcome = await this.#send(sender, { kind: "move", id, move }, next.at);
        if (outcome.ok) this.#stuck.clear();
        else this.#stuck.add(`${next.seat.party}/${next.id}`);
      } else if (await this.#finalizeOne()) {
        this.#stuck.clear();
      } else {
        return;
      }
    }
  }

  /** Late commitments, reveals, challenges and finalizations, in the order of their seconds. */
  #agenda() {
    const { claims, challenges } = this.scenario;
    const first = this.chain.now() + this.chain.parameters.minCommitAgeSeconds;
    const reveals = this.#made.map(({ seat, fields, salt }) => ({
      at: first + seat.revealAfter,
      run: (at: number) => {
        const proofs = { startProof: seat.trace.startProof(), endProof: seat.trace.endProof() };
        return this.#send(seat, { kind: "reveal", fields, salt, ...proofs }, at);
      },
    }));
    const openings = challenges.map((seat) => ({
      at: first + claims[seat.claim]!.revealAfter + seat.after,
      run: async (at: number) => {
        const { id } = this.#made[seat.claim]!;
        const outcome = await this.#send(seat, { kind: "challenge", claimId: id, start: seat.start }, at);
        if (outcome.ok) this.#opened.push({ seat, id: outcome.id!, openedAt: at });
        return outcome;
      },
    }));
    const finalizations = this.#made.flatMap(({ seat, id }) => {
      if (seat.finalizeAfter === undefined) return [];
      const at = first + seat.revealAfter + seat.finalizeAfter;
      return [{ at, run: (now: number) => this.#send(anyone(seat), { kind: "finalize", claimId: id }, now) }];
    });
    const commits = this.#made.flatMap(({ seat, id }) =>
      seat.commitAfter === undefined
        ? []
        : [{ at: first + seat.commitAfter, run: (at: number) => this.#commit(seat, id, at) }],
    );
    return [...commits, ...reveals, ...openings, ...finalizations].sort((a, b) => a.at - b.at);
  }

  async #send(seat: Seat, call: Call, at: number): Promise<Outcome> {
    if (this.#calls.length >= mostCalls) throw new Error("the game does not end");
    const outcome = await this.chain.send(seat.party, call, at);
    this.#calls.push({ from: seat.party, honest: seat.honest, strategy: seat.strategy.name, call, at, outcome });
    const { solverBond, challengerBond } = this.chain.parameters;
    const price = call.kind === "commit" ? solverBond : call.kind === "challenge" ? challengerBond : 0n;
    if (outcome.ok) this.#paid.set(seat.party, (this.#paid.get(seat.party) ?? 0n) + price);
    this.afterEach();
    return outcome;
  }

  /** The next move that anybody wants to make; adversaries first when two want to move in the same second. */
  async #nextMove(): Promise<NextMove | undefined> {
    const soonest = this.chain.now() + 1;
    let best: NextMove | undefined;
    for (const { seat: challenger, id } of this.#opened) {
      for (const seat of [challenger, this.scenario.claims[challenger.claim]!]) {
        if (this.#stuck.has(`${seat.party}/${id}`)) continue;
        const found = await this.#decide(seat.strategy, id, soonest);
        if (found === undefined) continue;
        const earlier = best === undefined || found.at < best.at;
        if (earlier || (found.at === best!.at && best!.seat.honest && !seat.honest)) best = { ...found, seat, id };
      }
    }
    return best;
  }

  /** The strategy's next move, asked again at every moment it wants to wait for. */
  async #decide(strategy: Strategy, id: ChallengeId, soonest: number) {
    let at = soonest;
    for (let asked = 0; asked < 4; asked++) {
      const decision = await strategy.next(await this.chain.dispute(id, at));
      if (decision === undefined) return undefined;
      if ("move" in decision) return { ...decision, at: Math.max(decision.at, at) };
      if (decision.until <= at) return undefined;
      at = decision.until;
    }
    return undefined;
  }

  /** Finalizes one claim that can be; false when there is none. */
  async #finalizeOne(): Promise<boolean> {
    for (const { seat, id } of this.#made) {
      const claim = await this.chain.claim(id);
      if (claim?.status !== "open") continue;
      const at = Math.max(this.chain.now() + 1, await this.chain.finalizableFrom(id));
      const outcome = await this.#send(anyone(seat), { kind: "finalize", claimId: id }, at);
      if (outcome.ok) return true;
    }
    return false;
  }

  async report(): Promise<Report> {
    const net = new Map<Party, bigint>();
    for (const [party, before] of this.#owedBefore) {
      net.set(party, (await this.chain.owed(party)) - before - (this.#paid.get(party) ?? 0n));
    }
    const claims = [];
    for (const { seat, id } of this.#made) {
      claims.push({ seat, id, status: (await this.chain.claim(id))?.status ?? "none" });
    }
    const challenges = [];
    for (const { seat, id, openedAt } of this.#opened) {
      const { challenge } = await this.chain.dispute(id, this.chain.now());
      const endedAt = this.#endOf(id, this.#made[seat.claim]!.id);
      challenges.push({ seat, id, openedAt, endedAt, status: challenge.status });
    }
    return { calls: this.#calls, claims, challenges, net };
  }

  /** When a challenge, or else its claim, was decided. */
  #endOf(id: ChallengeId, claimId: Root): number {
    const decisive = this.#calls.find(({ call, outcome }) => {
      if (!outcome.ok || call.kind !== "move") return false;
      const { kind, position } = call.move;
      if (call.id === id && kind === "timeoutChallenger") return true;
      return (
        position.cursor.claimId === claimId && ["proveFault", "selectFault", "timeoutSolver", "concede"].includes(kind)
      );
    });
    return decisive?.at ?? Number.POSITIVE_INFINITY;
  }
}
