import { expect, it } from "vitest";
import type { FinishedBuild } from "../../../src/agents/builds.ts";
import { parseFault } from "../../../src/agents/faults/injectedFault.ts";
import { injectionOf } from "../../../src/agents/faults/injection.ts";
import type { ChallengeRecord } from "../../../src/chain/records.ts";
import type { Move } from "../../../src/protocol/moves.ts";
import type { Trace } from "../../../src/protocol/trace.ts";

const kinds = ["postRow", "openTick", "concede", "select", "timeoutChallenger"];

/** The moves that faults keep back when the challenger has moved so often. */
function withheld(fault: string, selections: number): string[] {
  const { withhold } = injectionOf([parseFault(fault)], 31337n);
  return kinds.filter((kind) => withhold({ kind } as Move, { selections } as ChallengeRecord));
}

it("keeps back what the faults say, from the challenger's move on that they name", () => {
  expect(withheld("withhold@2", 1)).toEqual([]);
  expect(withheld("withhold@2", 2)).toEqual(["postRow", "openTick", "concede"]);
  expect(withheld("silent@2", 1)).toEqual([]);
  expect(withheld("silent@2", 3)).toEqual(kinds);
  expect(withheld("memory@1:1", 3)).toEqual([]);
});

it("tells builds as they are run, but for the ticks that are to be opened with half their steps", async () => {
  const trace = { openTick: async (tick: number) => ({ tick, log2Steps: 5 }) } as unknown as Trace;
  const runner = {
    allows: () => true,
    inputCapacity: () => 0,
    run: async () => ({ trace }) as FinishedBuild,
    close: async () => {},
  };
  const { faulty } = injectionOf([parseFault("steps@3")], 31337n);
  const told = await faulty(runner).run("0x", "0x", async () => new Uint8Array(), new AbortController().signal);
  expect(await told.trace.openTick(3)).toMatchObject({ log2Steps: 4 });
  expect(await told.trace.openTick(2)).toMatchObject({ log2Steps: 5 });
});

it("is refused where the chain is not local", () => {
  expect(() => injectionOf([parseFault("record")], 1n)).toThrowError(
    expect.objectContaining({ code: "agents/fault-refused" }),
  );
});
