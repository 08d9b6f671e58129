import { challengerMove } from "../../../src/protocol/challengerMove.ts";
import { childCursor, rangeStart } from "../../../src/protocol/descent.ts";
import { nodeOf } from "../../../src/protocol/node.ts";
import { revealAt } from "../../../src/protocol/reveal.ts";
import { childProof } from "../../../src/protocol/row.ts";
import type { Trace } from "../../../src/protocol/trace.ts";
import { isAtStep, turnOf } from "../../../src/protocol/turn.ts";
import {
  type Chance,
  type Decision,
  lastSecond,
  overrunning,
  type Strategy,
  silentUnless,
  stepwise,
} from "./strategies.ts";

/** Challenges with a trace by the book: the honest verifier with the true one, a believer in a lie with any other. */
export function bookChallenger(trace: Trace, name = "verifier"): Strategy {
  return {
    name,
    async next(view): Promise<Decision> {
      const move = await challengerMove(view, trace);
      if (move.kind === "wait") return { until: move.until };
      if (move.kind === "done" || move.kind === "hopeless") return undefined;
      return { move, at: view.now };
    },
  };
}

/** Opens a challenge and never moves: the self-loser when the claim is wrong. */
export function silentChallenger(): Strategy {
  return { name: "self-loser", next: async () => undefined };
}

/** Goes on by the book, but leaves when the range is a single step. */
export function leavingAtStep(trace: Trace): Strategy {
  return silentUnless(
    stepwise(bookChallenger(trace)),
    "challenger that leaves at the last step",
    (view) => !isAtStep(view.challenge.position.cursor),
  );
}

/** Selects any child, and at a step proves whatever the trace has there. */
export function wanderer(trace: Trace, chance: Chance, name: string): Strategy {
  return {
    name,
    async next(view) {
      const { position, status } = view.challenge;
      const { cursor } = position;
      if (status !== "open") return undefined;
      if (view.claim.status === "refuted") return { move: { kind: "closeChallenge", position }, at: view.now };
      const turn = turnOf(view);
      if (view.claim.status !== "open" || turn.over) return undefined;
      if (turn.side === "solver") return { until: turn.deadline + 1 };
      if (isAtStep(cursor)) {
        const witness = await trace.stepWitness(cursor.tick, cursor.from);
        return { move: { kind: "proveFault", position, witness }, at: view.now };
      }
      const answer = turn.answer!;
      const child = Math.floor(chance("child", nodeOf(cursor)) * (answer.roots.length + 1));
      const next = childCursor(cursor, answer, child);
      const siblings = answer.roots.length === 0 ? [] : childProof(rangeStart(cursor, answer), answer.roots, child);
      const firstDemander = view.firstDemanderOf(nodeOf(cursor));
      const { startRoot, endRoot } = next;
      const opening =
        answer.kind === "opening" ? { log2Steps: answer.log2Steps, resumedRoot: answer.resumedRoot } : undefined;
      const selection = { child, postedAt: answer.postedAt, firstDemander, startRoot, endRoot, siblings };
      return { move: { kind: "select", position, selections: [selection], opening }, at: view.now };
    },
  };
}

/** Calls the solver's time-out whenever it is the solver's turn, due or not. */
export function impatient(): Strategy {
  return {
    name: "impatient challenger",
    async next(view) {
      const { position, status } = view.challenge;
      const turn = turnOf(view);
      if (status !== "open" || view.claim.status !== "open" || turn.side !== "solver") return undefined;
      return { move: { kind: "timeoutSolver", position, shown: revealAt(view, position.cursor) }, at: view.now };
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

/** Everything a lying challenger can try, by name. `story` is the trace that it pretends to believe. */
export function challengerAdversaries(story: Trace, truth: Trace, chance: Chance): readonly Strategy[] {
  return [
    silentChallenger(),
    bookChallenger(story, "challenger that believes a lie"),
    stepwise(bookChallenger(story, "challenger that believes a lie, step by step")),
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
