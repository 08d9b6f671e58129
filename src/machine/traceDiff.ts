/** Finds where two traces of one build part. */
import type { Root } from "../core/bytes.ts";
import { maxLog2Steps, maxLog2Ticks } from "./layout.ts";

/** What the search sees of a trace: roots after numbers of ticks, and after numbers of steps inside one tick. */
export interface RootsOfTrace {
  tickRoots(ticks: readonly number[]): Promise<Root[]>;
  stepRoots(tick: number, steps: readonly number[]): Promise<Root[]>;
}

/** Both traces agree on the state before this step of this tick, and not on the state after it. */
export interface Parting {
  readonly tick: number;
  readonly step: number;
}

/** Positions looked at in one round: traces answer batches about as fast as single questions. */
const probes = 15;

/**
 * The step at which two traces part; undefined when they agree on the first state and on the state after 2^log2Ticks
 * ticks. Where traces part, meet and part again, it is one of those partings. When the first states differ there is no such
 * step: then it answers `"start"`.
 */
export async function findParting(
  first: RootsOfTrace,
  second: RootsOfTrace,
  log2Ticks: number = maxLog2Ticks,
): Promise<Parting | "start" | undefined> {
  const ticks = 2 ** log2Ticks;
  const [before, after] = await differences(first, second, (trace) => trace.tickRoots([0, ticks]));
  if (before) return "start";
  if (!after) return undefined;
  const tick = await narrow(0, ticks, (at) => differences(first, second, (trace) => trace.tickRoots(at)));
  const steps = 2 ** maxLog2Steps;
  const step = await narrow(0, steps, (at) => differences(first, second, (trace) => trace.stepRoots(tick, at)));
  return { tick, step };
}

async function differences(
  first: RootsOfTrace,
  second: RootsOfTrace,
  roots: (trace: RootsOfTrace) => Promise<Root[]>,
): Promise<boolean[]> {
  const [ours, theirs] = [await roots(first), await roots(second)];
  return ours.map((root, i) => root !== theirs[i]);
}

/** The `n` for which position `n` is equal and `n + 1` differs, if `equal` is equal and `different` differs. */
async function narrow(
  equal: number,
  different: number,
  differ: (positions: number[]) => Promise<boolean[]>,
): Promise<number> {
  let low = equal;
  let high = different;
  while (high - low > 1) {
    const parts = Math.min(probes + 1, high - low);
    const from = low;
    const width = (high - low) / parts;
    const positions = Array.from({ length: parts - 1 }, (_, i) => from + Math.floor((i + 1) * width));
    const answers = await differ(positions);
    const at = answers.indexOf(true);
    if (at !== 0) low = positions[(at === -1 ? positions.length : at) - 1]!;
    if (at !== -1) high = positions[at]!;
  }
  return low;
}
