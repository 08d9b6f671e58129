/** Whether a solver here could answer all challenges in time: by the clock, since that is what a deadline goes by. */

/** How long it took to look into one tick of a build. */
export interface TickMeasure {
  /** Until the tick's start was there, and until all its steps were interpreted: by the clock. */
  readonly reachSeconds: number;
  readonly interpretSeconds: number;
  /** What this process got of the processors meanwhile: much less than the clock says where others have them. */
  readonly processorSeconds: number;
  readonly steps: number;
}

/** Longest time that interpreting one tick takes here, for ticks of at most 2^maxLog2Steps steps. */
export function longestTickSeconds(measure: TickMeasure, maxLog2Steps: number): number {
  const { reachSeconds, interpretSeconds, steps } = measure;
  return reachSeconds + (interpretSeconds / Math.max(1, steps)) * 2 ** maxLog2Steps;
}

/** Why, and with which numbers, disputes could not be answered in time; undefined when they could. */
export function tooSlowToAnswer(
  { measure, maxLog2Steps }: { readonly measure: TickMeasure; readonly maxLog2Steps: number },
  parallelChallenges: number,
  budgetSeconds: number,
): { readonly why: string; readonly facts: Readonly<Record<string, number>> } | undefined {
  const tickSeconds = longestTickSeconds(measure, maxLog2Steps);
  const needed = parallelChallenges * tickSeconds;
  const half = budgetSeconds / 2;
  if (needed <= half) return undefined;
  const { reachSeconds, interpretSeconds, processorSeconds, steps } = measure;
  const wallSeconds = reachSeconds + interpretSeconds;
  const fitting = Math.floor(half / tickSeconds);
  const busy = processorSeconds < wallSeconds / 2;
  const why =
    "its disputes could not be answered in half the response time: a look into a tick of " +
    `${steps} steps took ${shown(wallSeconds)} s by the clock and ${shown(processorSeconds)} s of processor time, which makes ` +
    `${shown(tickSeconds)} s for one of 2^${maxLog2Steps} steps and ${shown(needed)} s for ${parallelChallenges} challenges at ` +
    `once; allowed are ${shown(half)} s. ${busy ? "Other programs had the processors: free this machine" : "Use a faster machine"}` +
    " and start the solver again" +
    (fitting > 0 ? `, or set limits.parallelChallenges to ${fitting} and risk losing the bond to more challenges` : "");
  return { why, facts: { ...measure, tickSeconds, parallelChallenges, needed, half } };
}

function shown(seconds: number): string {
  return String(Number(seconds.toPrecision(3)));
}
