import type { Root } from "../../../src/core/bytes.ts";
import { hashWords } from "../../../src/protocol/hash.ts";
import { nodeOf } from "../../../src/protocol/node.ts";
import { cuts } from "../../../src/protocol/ranges.ts";
import { answerCursor, solverMove } from "../../../src/protocol/solverMove.ts";
import type { TickOpening, Trace } from "../../../src/protocol/trace.ts";
import { isAtStep, turnOf } from "../../../src/protocol/turn.ts";
import type { DisputeView } from "../../../src/protocol/views.ts";
import { type Chance, type Decision, lastSecond, overrunning, type Strategy, silentUnless } from "./strategies.ts";
import type { GameTrace } from "./world.ts";

/** Defends a trace by the book: the honest solver with the true one, a consistent liar with any other. */
export function bookSolver(trace: Trace, name = "solver"): Strategy {
  return {
    name,
    async next(view): Promise<Decision> {
      const move = await solverMove(view, trace);
      if (move.kind === "wait") return { until: move.until };
      if (move.kind === "done" || move.kind === "hopeless") return undefined;
      return { move, at: view.now };
    },
  };
}

/** Answers whatever is asked as long as it has anything to say, whether it fits or not; never concedes. */
export function stubbornSolver(trace: Trace, name: string): Strategy {
  const inner = bookSolver(trace);
  return {
    name,
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision) || decision.move.kind !== "concede") return decision;
      const move = await answerCursor(view, trace);
      return move.kind === "hopeless" ? undefined : { move, at: view.now };
    },
  };
}

/** Answers nothing from the given depth on (0: never answers). */
export function silentSolver(trace: Trace, rounds: number): Strategy {
  const inner = bookSolver(trace);
  return silentUnless(inner, `solver silent from depth ${rounds}`, (view) => depthOf(view) < rounds);
}

/** Rows of random roots, different at every node: no trace at all stands behind them. */
export function garbageRows(trace: Trace, chance: Chance): Strategy {
  const inner = bookSolver(trace);
  const lie = (view: DisputeView, i: number) =>
    hashWords(Math.floor(chance("row", nodeOf(view.challenge.position.cursor), i) * 2 ** 48));
  return {
    name: "row-inconsistent liar",
    async next(view) {
      const { cursor } = view.challenge.position;
      const decision = await inner.next(view);
      const answers = turnOf(view).side === "solver" && !turnOf(view).over && view.claim.status === "open";
      if (!answers || view.challenge.status !== "open" || isAtStep(cursor)) return decision;
      const base = { position: view.challenge.position, firstDemander: view.firstDemanderOf(nodeOf(cursor)) };
      if (cursor.log2Length > 0) {
        const roots = cuts(cursor.from, cursor.log2Length, view.claim.log2Arity).map((_, i) => lie(view, i));
        return { move: { kind: "postRow", ...base, roots }, at: view.now };
      }
      const opening = await trace.openTick(cursor.from);
      const at = opening.log2Steps === 0 ? [] : cuts(0, opening.log2Steps, view.claim.log2Arity);
      return { move: { kind: "openTick", ...base, opening, roots: at.map((_, i) => lie(view, i)) }, at: view.now };
    },
  };
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

/** Gives its claim up as soon as it is challenged. */
export function concedingSolver(): Strategy {
  return {
    name: "conceding solver",
    async next(view) {
      const { position, status } = view.challenge;
      const turn = turnOf(view);
      if (status !== "open" || view.claim.status !== "open" || turn.side !== "solver") return undefined;
      const firstDemander = view.firstDemanderOf(nodeOf(position.cursor));
      return { move: { kind: "concede", position, firstDemander }, at: view.now };
    },
  };
}

/** Everything a lying solver can try, by name. `lie` is the trace of the claim. */
export function solverAdversaries(lie: GameTrace, chance: Chance): readonly Strategy[] {
  return [
    bookSolver(lie, "consistent liar"),
    silentSolver(lie, 0),
    silentSolver(lie, 1),
    silentSolver(lie, 3),
    lastSecond(bookSolver(lie, "staller")),
    overrunning(bookSolver(lie, "late-poster")),
    garbageRows(lie, chance),
    stubbornSolver(midTickSeller(lie), "mid-tick seller"),
    stubbornSolver(wrongStepCount(lie, -1), "solver with too few steps"),
    stubbornSolver(wrongStepCount(lie, 1), "solver with too many steps"),
    stubbornSolver(wrongStepCount(lie, 40), "solver with impossibly many steps"),
    concedingSolver(),
  ];
}

/** Number of times the cursor has been moved, roughly: how much shorter than the claim its range is. */
function depthOf(view: DisputeView): number {
  const { cursor } = view.challenge.position;
  const bits = cursor.level === "ticks" ? view.claim.log2Ticks - cursor.log2Length : view.claim.log2Ticks + 1;
  return Math.ceil(bits / view.claim.log2Arity);
}

function methodsOf(trace: Trace): Trace {
  return {
    tickRoots: (ticks) => trace.tickRoots(ticks),
    openTick: (tick) => trace.openTick(tick),
    stepRoots: (tick, steps) => trace.stepRoots(tick, steps),
    stepWitness: (tick, step) => trace.stepWitness(tick, step),
  };
}
