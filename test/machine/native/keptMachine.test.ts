import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nativeProgramOf } from "../../../src/machine/native/nativeProgram.ts";
import type { MachineSession } from "../../../src/machine/native/session.ts";
import type { DriveImage } from "../../../src/machine/program.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { seed } from "../../support/seed.ts";
import { claimableText, countingProgram, everyTicks, testSession } from "../../support/testSession.ts";

const kernel = await loadKeccakKernel();
/** Sums the drive's first word into another page, at an address that depends on it. */
const program = claimableText(
  countingProgram(
    10,
    `(i64.store
      (i32.add (i32.const 200000) (i32.and (i32.load (i32.const 131072)) (i32.const 0xfff8)))
      (i64.add (global.get $count) (i64.load (i32.const 131072))))`,
  ).replace(/\)$/, '(data (i32.const 12284) "content across two pages"))'),
);
const other = claimableText(countingProgram(10));
const fixedRegions = [{ address: 131072, size: 65536 }];
const driveOf = (bytes: Uint8Array): DriveImage => ({ address: 131072, log2Size: 16, bytes });

/** All that a run comes to. */
function outcome(session: MachineSession) {
  const { tickSeconds: _, hashSeconds: __, ...run } = session.run(everyTicks(1));
  session.spotCheck([3]);
  return { ...run, start: session.startRoot(), roots: session.tickRoots([3, 0, 7]), proofs: session.resultProofs() };
}

const leftBy: Readonly<Record<string, (session: MachineSession) => unknown>> = {
  nothing: () => {},
  "a whole run": (session) => session.run(everyTicks(1)),
  "a look into a tick": (session) => session.stepRoots(2, [100]),
  "a step's witness": (session) => session.stepWitness(2, 100),
  "an earlier tick": (session) => [session.run(everyTicks(1)), session.tickRoots([4])],
};

describe("a machine that a run has left", () => {
  it.each(Object.keys(leftBy))("gives another run, after %s, the states of a new one", (what) => {
    const contents = fc.uint8Array({ minLength: 0, maxLength: 30_000, size: "max" });
    fc.assert(
      fc.property(contents, contents, fc.boolean(), fc.boolean(), (before, after, first, second) => {
        const options = (bytes: Uint8Array, isFixed: boolean) => ({
          drives: [driveOf(bytes)],
          ...(isFixed && { fixedRegions }),
        });
        const session = testSession(kernel, program, options(before, first));
        leftBy[what]!(session);
        const again = testSession(kernel, program, { ...options(after, second), kept: session.machine });
        expect(again.machine).toBe(session.machine);
        expect(outcome(again)).toEqual(outcome(testSession(kernel, program, options(after, second))));
      }),
      { seed, numRuns: 6 },
    );
  });

  it("is of no use for another program, engine or kernel", async () => {
    const { machine } = testSession(kernel, program, { drives: [] });
    const kept = { drives: [], kept: machine };
    expect(testSession(kernel, other, kept).machine).not.toBe(machine);
    expect(testSession(kernel, program, { ...kept, engine: "interpreter" }).machine).not.toBe(machine);
    expect(testSession(await loadKeccakKernel(), program, kept).machine).not.toBe(machine);
    // The module's bytes tell, not the object.
    const same = nativeProgramOf(structuredClone(program));
    expect(testSession(kernel, program, { ...kept, program: same }).machine).toBe(machine);
  });

  it("is cleared where nothing looks while it runs", () => {
    const session = testSession(kernel, program, { drives: [driveOf(Uint8Array.of(1))], fixedRegions });
    // What an engine that cannot be trusted might do.
    new Uint8Array(session.machine.engine.memory.buffer)[180_000] = 1;
    const options = { drives: [driveOf(Uint8Array.of(2))], fixedRegions };
    const again = testSession(kernel, program, { ...options, kept: session.machine });
    expect(again.machine).toBe(session.machine);
    expect(new Uint8Array(again.machine.engine.memory.buffer)[180_000]).toBe(0);
    expect(outcome(again)).toEqual(outcome(testSession(kernel, program, options)));
  });
});
