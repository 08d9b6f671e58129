import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../src/core/bytes.ts";
import { AssayError } from "../../../src/core/errors.ts";
import { nativeProgramOf } from "../../../src/machine/native/nativeProgram.ts";
import { SnapshotDirectory } from "../../../src/machine/native/node/snapshotDirectory.ts";
import { Register, Status, Trap } from "../../../src/machine/registers.ts";
import { decodeHeader, headerRoot } from "../../../src/machine/witness.ts";
import type { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { InterpretedTrace } from "../../support/interpretedTrace.ts";
import { Random } from "../../support/random.ts";
import { randomTickProgram } from "../../support/randomTickProgram.ts";
import { seed } from "../../support/seed.ts";
import { claimableText, countingProgram, drives, everyTicks, testSession } from "../../support/testSession.ts";

let kernel: KeccakKernel;
let directory: string;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "run-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("a native run", () => {
  it("has the interpreter's state roots at every tick of random programs", () => {
    const random = new Random(seed);
    const endings = { [Status.halted]: 0, [Status.trapped]: 0 };
    for (let round = 0; round < 80; round++) {
      const program = claimableText(randomTickProgram(random, 12));
      const reference = new InterpretedTrace(kernel, program, drives);
      const roots = reference.tickRoots(100);
      const session = testSession(kernel, program);
      const log2 = random.below(3);
      const run = session.run(everyTicks(log2));
      expect(run.ticks).toBe(reference.ticks);
      expect([run.startRoot, run.finalRoot]).toEqual([roots[0], roots.at(-1)]);
      expect(run.checkpoints).toEqual(
        run.checkpoints.map((_, i) => roots[(i + 1) << run.log2CheckpointTicks] ?? roots.at(-1)),
      );
      const ticks = Array.from({ length: 20 }, () => random.below(run.ticks + 3));
      expect(session.tickRoots(ticks)).toEqual(ticks.map((tick) => roots[tick] ?? roots.at(-1)));
      endings[reference.state.registers[Register.status] as 2 | 3]++;
    }
    // Both kinds of endings occur often enough to mean something.
    expect(Math.min(...Object.values(endings))).toBeGreaterThanOrEqual(2);
  });

  it("says what a claim needs to say", () => {
    const session = testSession(kernel, claimableText(countingProgram(21)));
    const run = session.run(everyTicks(1));
    expect(run).toMatchObject({ ticks: 21, log2Ticks: 5, log2CheckpointTicks: 1 });
    expect(run.checkpoints).toHaveLength(15);
    expect(run.checkpoints[14]).toBe(run.finalRoot);
    expect(session.tickRoots([10, 20])).toEqual([run.checkpoints[4], run.checkpoints[9]]);
  });

  it("finds the checkpoints that it passed before it knew its pace", () => {
    const program = claimableText(countingProgram(300));
    const reference = new InterpretedTrace(kernel, program, drives).tickRoots(300);
    const run = testSession(kernel, program).run({ log2Arity: 4, checkpointSeconds: 2 });
    const distance = 2 ** run.log2CheckpointTicks;
    expect(run.checkpoints).toEqual(run.checkpoints.map((_, i) => reference[(i + 1) * distance] ?? reference.at(-1)));
  });

  it("lets the interpreter decide what happened where the engine threw", () => {
    const program = claimableText(
      countingProgram(
        100,
        "(if (i64.eq (global.get $count) (i64.const 7)) (then (memory.fill (i32.const 262140) (i32.const 1) (i32.const 5))))",
      ),
    );
    const session = testSession(kernel, program);
    const run = session.run(everyTicks(1));
    expect(run.ticks).toBe(7);
    const { registers } = session.openTick(6).end;
    const words = new Int32Array(registers.slice().buffer);
    expect([words[Register.status], words[Register.trapCode]]).toEqual([Status.trapped, Trap.memoryOutOfBounds]);
    expect(run.finalRoot).toBe(new InterpretedTrace(kernel, program, drives).tickRoots(100).at(-1));
  });

  it("reads the result and proves it", () => {
    const session = testSession(kernel, claimableText(countingProgram(3, "(i32.store8 (i32.const 3) (i32.const 9))")));
    const run = session.run(everyTicks(0));
    expect([...session.readFinalMemory(0, 4)]).toEqual([0, 0, 0, 9]);
    expect([...session.readFinalMemory(4096, 3)]).toEqual([0, 1, 2]);
    const { start, final } = session.resultProofs();
    expect(toHex(headerRoot(decodeHeader(final), (bytes) => kernel.hash(bytes)))).toBe(run.finalRoot);
    expect(final.subarray(288, 292)).toEqual(session.readFinalMemory(0, 4));
    expect(start.registers[12]).toBe(Status.yielded);
    expect(() => session.readFinalMemory(4 * 65536 - 1, 2)).toThrow(/no 2 bytes at 262143/);
  });

  it("ends with an error that is passed on when it is aborted, and can be taken up again", () => {
    const program = claimableText(countingProgram(50));
    let beats = 0;
    const session = testSession(kernel, program, {
      beat: () => {
        if (++beats === 30) throw new AssayError("native/aborted", "the run was aborted");
      },
    });
    expect(() => session.run(everyTicks(3))).toThrow(/aborted/);
    const reference = new InterpretedTrace(kernel, program, drives).tickRoots(100);
    expect(session.run(everyTicks(3)).finalRoot).toBe(reference.at(-1));
  });
});

describe("a tick that had to be interpreted", () => {
  it("is not interpreted again on the way to later ones", () => {
    let passed = 0;
    const session = testSession(kernel, claimableText(countingProgram(40)), {
      fault: { at: { tick: 8, step: 100 }, mutation: { kind: "memory", address: 100_000, xor: 1 } },
      beat: () => passed++,
    });
    session.run(everyTicks(6));
    passed = 0;
    session.tickRoots([12]);
    expect(passed).toBe(3);
  });
});

describe("a spot check", () => {
  it("passes where engine and interpreter agree", () => {
    const session = testSession(kernel, claimableText(randomTickProgram(new Random(seed), 12)));
    const { ticks } = session.run(everyTicks(1));
    session.spotCheck([0, ticks - 1, ticks >> 1, ticks + 5]);
  });

  it("refuses an engine that computes something else", () => {
    const program = claimableText(countingProgram(20));
    const other = claimableText(
      countingProgram(
        20,
        "(if (i64.eq (global.get $count) (i64.const 8)) (then (i32.store8 (i32.const 3) (i32.const 9))))",
      ),
    );
    const native = nativeProgramOf(program);
    const session = testSession(kernel, program, { program: { ...native, module: nativeProgramOf(other).module } });
    session.run(everyTicks(1));
    session.spotCheck([5, 12]);
    expect(() => session.spotCheck([7])).toThrow(/two runs of tick 7 do not agree/);
  });
});

describe("snapshots of a run", () => {
  const ticks = 40;
  const program = claimableText(countingProgram(ticks));
  const start = (complaints: string[] = []) =>
    testSession(kernel, program, {
      storage: new SnapshotDirectory(directory),
      report: (complaint) => complaints.push(complaint),
    });

  it("let another process go on where this one was", () => {
    const first = start();
    const expected = first.run(everyTicks(2));
    const beats: number[] = [];
    const second = testSession(kernel, program, {
      storage: new SnapshotDirectory(directory),
      beat: () => beats.push(1),
    });
    const run = second.run(everyTicks(2));
    expect({ ...run, tickSeconds: 0, hashSeconds: 0 }).toEqual({ ...expected, tickSeconds: 0, hashSeconds: 0 });
    expect(beats).toHaveLength(0);
    expect(second.tickRoots([17])).toEqual(first.tickRoots([17]));
    expect(beats.length).toBeLessThanOrEqual(1);
  });

  it("keep the distance of checkpoints that another process had settled on", () => {
    const adaptive = { log2Arity: 1, checkpointSeconds: 0.001 };
    const expected = start().run(adaptive);
    const run = start().run({ ...adaptive, checkpointSeconds: 10 });
    expect({ ...run, tickSeconds: 0, hashSeconds: 0 }).toEqual({ ...expected, tickSeconds: 0, hashSeconds: 0 });
  });

  it("are replaced by running again when their content was altered, and said aloud", () => {
    const expected = start().run(everyTicks(2));
    const file = join(directory, "tick-0000000000020");
    const bytes = readFileSync(file);
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(file, bytes);

    const complaints: string[] = [];
    const session = start(complaints);
    const roots = new InterpretedTrace(kernel, program, drives).tickRoots(100);
    // Tick 19 does not need the altered page; tick 21 does.
    expect(session.tickRoots([19, 21, 35])).toEqual([roots[19], roots[21], roots[35]]);
    expect(complaints).toEqual(["the snapshot of tick 20 does not have the content it had"]);
    expect(session.run(everyTicks(2)).finalRoot).toBe(expected.finalRoot);
    expect(readdirSync(directory)).toHaveLength(11);
    const after: string[] = [];
    expect(start(after).run(everyTicks(2)).finalRoot).toBe(expected.finalRoot);
    expect(after).toEqual([]);
  });

  it("are made again from the drives when the start's is altered", () => {
    const expected = start().run(everyTicks(2));
    const file = join(directory, "tick-0000000000000");
    const bytes = readFileSync(file);
    bytes[bytes.length - 40]! ^= 1;
    writeFileSync(file, bytes);
    const complaints: string[] = [];
    expect(start(complaints).run(everyTicks(2)).finalRoot).toBe(expected.finalRoot);
    expect(complaints).toEqual(["snapshot tick-0000000000000 is altered"]);
  });

  it("within a small budget still lead to every tick", () => {
    const roots = new InterpretedTrace(kernel, program, drives).tickRoots(100);
    const session = testSession(kernel, program, { chainBytes: 20 * 4132, sideBytes: 10 * 4132 });
    session.run(everyTicks(1));
    const random = new Random(seed);
    for (let i = 0; i < 60; i++) {
      const tick = random.below(ticks + 2);
      expect(session.tickRoots([tick]), `tick ${tick}`).toEqual([roots[tick] ?? roots.at(-1)]);
      if (i % 5 === 0) session.openTick(tick);
    }
  });
});
