import type { Root } from "../../../src/core/bytes.ts";
import { kindOf } from "../../../src/protocol/challenge.ts";
import { hashWords } from "../../../src/protocol/hash.ts";
import { answerOf, solverMove } from "../../../src/protocol/solverMove.ts";
import type { TickOpening, Trace } from "../../../src/protocol/trace.ts";
import { turnOf } from "../../../src/protocol/turn.ts";
import type { DisputeView } from "../../../src/protocol/views.ts";
import { type Chance, decided, lastSecond, overrunning, type Strategy, silentUnless } from "./strategies.ts";
import type { GameTrace } from "./world.ts";

/** Defends a trace by the book: the honest solver with the true one, a consistent dishonest one with any other. */
export function bookSolver(trace: Trace, name = "solver"): Strategy {
  return { name, next: async (view) => decided(await solverMove(view, trace), view.now) };
}

/** Answers whatever is asked as long as it has anything to say, whether it fits or not; never concedes. */
export function stubbornSolver(trace: Trace, name: string): Strategy {
  const inner = bookSolver(trace);
  return {
    name,
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision) || decision.move.kind !== "concede") return decision;
      return decided(await answerOf(view, trace), view.now);
    },
  };
}

/** Answers nothing from the given depth on (0: never answers). */
export function silentSolver(trace: Trace, rounds: number): Strategy {
  const inner = bookSolver(trace);
  return silentUnless(inner, `solver silent from depth ${rounds}`, (view) => depthOf(view) < rounds);
}

/** Rows of random roots, different in every range: no trace at all stands behind them. */
export function garbageRows(trace: Trace, chance: Chance): Strategy {
  const inner = bookSolver(trace);
  return {
    name: "solver of inconsistent rows",
    async next(view) {
      if (!isAsked(view) || turnOf(view).over) return inner.next(view);
      const { id, range } = view.challenge.at;
      const answer = await answerOf(view, trace);
      if (answer.kind === "none") return undefined;
      const invented = (_: Root, i: number) =>
        hashWords(Math.floor(chance("row", id, range.from, range.log2Length, i) * 2 ** 48));
      return { move: { ...answer, roots: answer.roots.map(invented) }, at: view.now };
    },
  };
}

/** Whether the challenge waits for the solver's answer. */
function isAsked({ claim, challenge }: DisputeView): boolean {
  return claim.status === "open" && challenge.status === "open" && kindOf(challenge.at) === "answer";
}

/** Sells true states from the middle of a tick as the ends of ticks. */
export function midTickSeller(trace: GameTrace): Trace {
  const isSold = (tick: number) => tick > 0 && tick < trace.ticks;
  const soldStep = (tick: number) => Math.max(0, trace.steps(tick - 1) - 1);
  const rootAt = async (tick: number): Promise<Root> => {
    const [root] = isSold(tick) ? await trace.stepRoots(tick - 1, [soldStep(tick)]) : await trace.tickRoots([tick]);
    return root!;
  };
  const openTick = async (tick: number): Promise<TickOpening> => {
    const opening = await trace.openTick(tick);
    const start = isSold(tick) ? trace.stepProof(tick - 1, soldStep(tick)) : opening.start;
    const end = isSold(tick + 1) ? trace.stepProof(tick, soldStep(tick + 1)) : opening.end;
    return { ...opening, start, end };
  };
  return { ...methodsOf(trace), tickRoots: (ticks) => Promise.all(ticks.map(rootAt)), openTick };
}

/** Opens every tick with another number of steps than it has. */
export function wrongStepCount(trace: Trace, difference: number): Trace {
  const openTick = async (tick: number): Promise<TickOpening> => {
    const opening = await trace.openTick(tick);
    return { ...opening, log2Steps: Math.max(0, opening.log2Steps + difference) };
  };
  return { ...methodsOf(trace), openTick };
}

/** Gives its claim up `seconds` after it is asked: at once, or just before its time is over. */
export function concedingSolver(seconds = 0, inner?: Strategy): Strategy {
  return {
    name: `solver that concedes after ${seconds} s`,
    async next(view) {
      const { at: shown, stakeNumber } = view.challenge;
      if (!isAsked(view)) return inner?.next(view);
      const at = Math.min(shown.since + seconds, turnOf(view).deadline);
      return { move: { kind: "concede", shown, claim: view.claim, stakeNumber }, at: Math.max(view.now, at) };
    },
  };
}

/** Everything a dishonest solver can try, by name. `faulty` is the trace of the claim. */
export function solverAdversaries(faulty: GameTrace, chance: Chance): readonly Strategy[] {
  return [
    bookSolver(faulty, "consistent solver"),
    silentSolver(faulty, 0),
    silentSolver(faulty, 1),
    silentSolver(faulty, 3),
    lastSecond(bookSolver(faulty, "staller")),
    overrunning(bookSolver(faulty, "late solver")),
    garbageRows(faulty, chance),
    stubbornSolver(midTickSeller(faulty), "mid-tick seller"),
    stubbornSolver(wrongStepCount(faulty, -1), "solver with too few steps"),
    stubbornSolver(wrongStepCount(faulty, 1), "solver with too many steps"),
    stubbornSolver(wrongStepCount(faulty, 40), "solver with impossibly many steps"),
    concedingSolver(),
  ];
}

/** How far the challenge has come, in rounds: how much shorter than the claim its range is. */
function depthOf({ claim, challenge: { at } }: DisputeView): number {
  const bits = at.range.level === "ticks" ? claim.log2Ticks - at.range.log2Length : claim.log2Ticks + 1;
  return Math.ceil(bits / claim.log2Arity);
}

function methodsOf(trace: Trace): Trace {
  return {
    tickRoots: (ticks) => trace.tickRoots(ticks),
    openTick: (tick) => trace.openTick(tick),
    stepRoots: (tick, steps) => trace.stepRoots(tick, steps),
    stepWitness: (tick, step) => trace.stepWitness(tick, step),
  };
}
