import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { assessClaim } from "../../src/protocol/assessClaim.ts";
import { type CheckpointList, mostCheckpoints } from "../../src/protocol/checkpoints.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import type { Trace } from "../../src/protocol/trace.ts";

describe("a published checkpoint list of millions of roots (attack 75)", () => {
  it("is not looked at: the claim is challenged over its whole range", async () => {
    let looked = 0;
    const roots = new Proxy([] as Root[], {
      get(target, name) {
        if (name === "length") return 2 ** 21 - 1;
        looked++;
        return Reflect.get(target, name);
      },
    });
    const claim = {
      buildId: hashWords(1),
      finalRoot: hashWords(2),
      log2Ticks: 21,
      log2CheckpointTicks: 0,
      checkpointRoot: hashWords(3),
    };
    const trace = { tickRoots: async (ticks: readonly number[]) => ticks.map((tick) => hashWords(tick)) } as Trace;
    const list: CheckpointList = { roots };
    expect(2 ** claim.log2Ticks).toBeGreaterThan(mostCheckpoints);
    expect(await assessClaim(claim, trace, list)).toEqual({ verdict: "wrong", start: { kind: "whole" } });
    expect(looked).toBe(0);
  });
});
