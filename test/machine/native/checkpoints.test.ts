import { describe, expect, it } from "vitest";
import { CheckpointPace, claimShape } from "../../../src/machine/native/checkpoints.ts";

/** Ticks at which a run of so many ticks stops, and those that are checkpoints, with the last distance. */
function stops(pace: CheckpointPace, ticks: number, secondsPerTick: (tick: number) => number) {
  const stopped: number[] = [];
  const checkpoints: number[] = [];
  for (let tick = 0; tick < ticks; ) {
    const next = pace.next(tick);
    pace.passed(next - tick, (next - tick) * secondsPerTick(tick));
    tick = next;
    stopped.push(tick);
    if (pace.isCheckpoint(tick)) checkpoints.push(tick);
  }
  return { stopped, checkpoints, distance: 2 ** pace.log2Ticks };
}

describe("the distance of checkpoints", () => {
  it("is a power of the arity near the wanted time, rather longer than shorter", () => {
    for (const [secondsPerTick, log2] of [
      [3, 0],
      [1.2, 0],
      [0.9, 4],
      [0.005, 8],
      [0.003, 12],
      [0.0001, 16],
    ] as const) {
      const pace = new CheckpointPace({ log2Arity: 4, seconds: 2 });
      stops(pace, 20 / secondsPerTick, () => secondsPerTick);
      expect(pace.log2Ticks, `${secondsPerTick} s`).toBe(log2);
    }
  });

  it("grows when ticks become faster, and never shrinks", () => {
    const pace = new CheckpointPace({ log2Arity: 4, seconds: 2 });
    stops(pace, 10, () => 3);
    expect(pace.log2Ticks).toBe(0);
    stops(pace, 10_000, () => 0.01);
    expect(pace.log2Ticks).toBe(8);
    stops(pace, 1000, () => 3);
    expect(pace.log2Ticks).toBe(8);
  });

  it("leaves no checkpoint out after it has settled", () => {
    const { checkpoints, distance } = stops(new CheckpointPace({ log2Arity: 4, seconds: 2 }), 20_000, () => 0.003);
    const multiples = checkpoints.filter((tick) => tick % distance === 0);
    expect(multiples).toEqual(Array.from({ length: multiples.length }, (_, i) => (i + 1) * distance));
  });

  it("can be fixed", () => {
    const pace = new CheckpointPace({ log2Arity: 4, seconds: 2, log2Ticks: 3 });
    expect(stops(pace, 64, () => 0.0001).checkpoints).toEqual([8, 16, 24, 32, 40, 48, 56, 64]);
    expect(stops(new CheckpointPace({ log2Arity: 4, seconds: 2, log2Ticks: 3 }), 16, () => 1).stopped).toEqual([
      8, 10, 12, 16,
    ]);
  });
});

describe("the shape of a claim", () => {
  it("is the smallest range that holds the run, with a distance that fits", () => {
    expect(claimShape(1, 4, 4)).toEqual({ log2Ticks: 0, log2CheckpointTicks: 0 });
    expect(claimShape(16, 8, 4)).toEqual({ log2Ticks: 4, log2CheckpointTicks: 4 });
    expect(claimShape(17, 8, 4)).toEqual({ log2Ticks: 5, log2CheckpointTicks: 4 });
    expect(claimShape(2 ** 20 + 1, 8, 4)).toEqual({ log2Ticks: 21, log2CheckpointTicks: 8 });
  });
});
