import { expect, it } from "vitest";
import { rangeRoots } from "../../src/protocol/trace.ts";
import { LoopTrace } from "../support/loopTrace.ts";

it("asks a trace for the roots of a range at its own level, and for nothing where nothing is wanted", async () => {
  const trace = new LoopTrace({ ticks: 3, turns: 1 });
  const range = { tick: 1, from: 0, log2Length: 1 } as const;
  expect(await rangeRoots(trace, { level: "ticks", ...range }, [2])).toEqual(await trace.tickRoots([2]));
  expect(await rangeRoots(trace, { level: "steps", ...range }, [2])).toEqual(await trace.stepRoots(1, [2]));
  trace.tickRoots = () => Promise.reject(new Error("was asked"));
  expect(await rangeRoots(trace, { level: "ticks", ...range }, [])).toEqual([]);
});
