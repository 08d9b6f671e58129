import { challengerMove, selectionOf } from "../../../src/protocol/challengerMove.ts";
import type { Trace } from "../../../src/protocol/trace.ts";
import { turnOf } from "../../../src/protocol/turn.ts";
import { type Chance, decided, lastSecond, overrunning, type Strategy, silentUnless, stepwise } from "./strategies.ts";

/** Challenges with a trace by the book: the honest verifier with the true one, a believer in a faulty one with any other. */
export function bookChallenger(trace: Trace, name = "verifier"): Strategy {
  return { name, next: async (view) => decided(await challengerMove(view, trace), view.now) };
}

/** Opens a challenge and never moves: loses on purpose when the claim is wrong. */
export function silentChallenger(): Strategy {
  return { name: "challenger that loses on purpose", next: async () => undefined };
}

/** Goes on by the book, but leaves when the range is a single step. */
export function leavingAtStep(trace: Trace): Strategy {
  return silentUnless(
    stepwise(bookChallenger(trace)),
    "challenger that leaves at the last step",
    (view) => turnOf(view).kind !== "prove",
  );
}

/** Selects any child, and at a step proves whatever the trace has there. */
export function wanderer(trace: Trace, chance: Chance, name: string): Strategy {
  return {
    name,
    async next(view) {
      const { claim, challenge } = view;
      const { at: shown, stakeNumber, roots } = challenge;
      const { id, range } = shown;
      if (challenge.status !== "open") return undefined;
      const ending = { shown, claim, stakeNumber };
      if (claim.status === "refuted") return { move: { kind: "closeChallenge", ...ending }, at: view.now };
      const turn = turnOf(view);
      if (claim.status !== "open" || turn.over) return undefined;
      if (turn.side === "solver") return { until: turn.deadline + 1 };
      if (turn.kind === "prove") {
        const witness = await trace.stepWitness(range.tick, range.from);
        return { move: { kind: "proveFault", ...ending, witness }, at: view.now };
      }
      const child = Math.floor(chance("child", id, range.from, range.log2Length) * (roots.length + 1));
      return { move: { kind: "select", shown, selection: selectionOf(challenge, child) }, at: view.now };
    },
  };
}

/** Calls the solver's time-out whenever it is the solver's turn, due or not. */
export function impatient(): Strategy {
  return {
    name: "impatient challenger",
    async next(view) {
      const { claim, challenge } = view;
      const { at: shown, stakeNumber } = challenge;
      if (challenge.status !== "open" || claim.status !== "open" || turnOf(view).side !== "solver") return undefined;
      return { move: { kind: "timeoutSolver", shown, claim, stakeNumber }, at: view.now };
    },
  };
}

/** Shows a witness that belongs to nothing. */
export function falseProver(trace: Trace): Strategy {
  const inner = bookChallenger(trace);
  return {
    name: "challenger with a false witness",
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision) || !("witness" in decision.move)) return decision;
      return { ...decision, move: { ...decision.move, witness: decision.move.witness.map((byte) => byte ^ 1) } };
    },
  };
}

/** Everything a dishonest challenger can try, by name. `story` is the trace that it pretends to believe. */
export function challengerAdversaries(story: Trace, truth: Trace, chance: Chance): readonly Strategy[] {
  return [
    silentChallenger(),
    bookChallenger(story, "challenger that believes a faulty"),
    stepwise(bookChallenger(story, "challenger that believes a faulty, step by step")),
    leavingAtStep(story),
    wanderer(truth, chance, "wanderer with true witnesses"),
    wanderer(story, chance, "wanderer with invented witnesses"),
    lastSecond(wanderer(truth, chance, "wanderer")),
    overrunning(wanderer(truth, chance, "wanderer")),
    lastSecond(bookChallenger(story, "stalling challenger")),
    overrunning(bookChallenger(story, "late challenger")),
    falseProver(story),
    impatient(),
  ];
}
