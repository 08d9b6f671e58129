import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { nativeProgramOf } from "../../../src/machine/native/nativeProgram.ts";
import { SnapshotDirectory } from "../../../src/machine/native/node/snapshotDirectory.ts";
import { WorkerSession } from "../../../src/machine/native/node/workerSession.ts";
import { MemorySnapshotStorage } from "../../../src/machine/native/snapshotStorage.ts";
import type { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { InterpretedTrace } from "../../support/interpretedTrace.ts";
import { claimableText, countingProgram, drives, everyTicks, testSession } from "../../support/testSession.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

function expectedRoot(text: string) {
  return new InterpretedTrace(kernel, claimableText(text), drives).tickRoots(100).at(-1);
}

/** A chain of calls, each function with so many i64 locals that are all in use at once. */
function deepProgram(depth: number, locals: number): string {
  const names = Array.from({ length: locals }, (_, i) => `$l${i}`);
  const function_ = (n: number) => `(func $f${n} (param $x i64) (result i64)
    ${names.map((name) => `(local ${name} i64)`).join(" ")}
    ${names.map((name, i) => `(local.set ${name} (i64.load offset=${8 * i} (i32.wrap_i64 (local.get $x))))`).join("\n")}
    (local.set $x ${n + 1 < depth ? `(call $f${n + 1} (local.get $x))` : "(local.get $x)"})
    ${names.map((name) => `(local.set $x (i64.add (local.get $x) (i64.rotl (local.get ${name}) (local.get $x))))`).join("\n")}
    (i64.store offset=65536 (i32.const ${8 * n}) (local.get $x))
    (i64.and (local.get $x) (i64.const 4095)))`;
  return `(module (memory (export "memory") 4 4) (global $n (mut i32) (i32.const 0))
    ${Array.from({ length: depth }, (_, n) => function_(n)).join("\n")}
    (func (export "tick") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (i64.store offset=131072 (i32.const 0) (call $f0 (i64.extend_i32_u (global.get $n))))
      (i32.eq (global.get $n) (i32.const 30))))`;
}

describe("attack 34: full disk, corrupt cache, truncated snapshot", () => {
  it("a full disk is a clear error, nothing is half-written, and the run goes on when there is room", () => {
    const directory = mkdtempSync(join(tmpdir(), "full-"));
    try {
      const storage = new SnapshotDirectory(directory);
      const session = testSession(kernel, claimableText(countingProgram(20)), { storage });
      symlinkSync("/dev/full", join(directory, "tick-0000000000012.unfinished"));
      expect(() => session.run(everyTicks(2))).toThrow(/cannot write snapshots in .*the disk is full: make room/);
      expect(readdirSync(directory).sort()).toEqual(
        [0, 4, 8].map((tick) => `tick-${tick.toString().padStart(13, "0")}`),
      );
      expect(session.run(everyTicks(2)).finalRoot).toBe(expectedRoot(countingProgram(20)));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("attack 46: a dirty-page bitmap that is wrong", () => {
  it("is never asked: what changed is found by looking at all of the memory", () => {
    // Clears what would be a bitmap after each store, and sets bits for pages that it left alone.
    const hiding = countingProgram(
      20,
      "(memory.fill (i32.const 64) (i32.const 0) (i32.const 64)) (i64.store (i32.const 80) (i64.const -1))",
    );
    expect(testSession(kernel, claimableText(hiding)).run(everyTicks(1)).finalRoot).toBe(expectedRoot(hiding));
  });
});

describe("attack 48: a program that hides state or grows", () => {
  it("has its globals read although it exports none", () => {
    const hidden = countingProgram(300, "").replace(
      "$count (mut i64) (i64.const 0)",
      "$count (mut i64) (i64.const -9007199254740992)",
    );
    const session = testSession(kernel, claimableText(hidden));
    const reference = new InterpretedTrace(kernel, claimableText(hidden), drives);
    reference.tickRoots(3);
    expect(session.tickRoots([1, 2, 3])).toEqual(reference.tickRoots(3).slice(1));
  });

  it("gets no more memory, and none of its own is lost when it asks for 0 pages", () => {
    const growing = countingProgram(
      20,
      "(i32.store (i32.const 4) (memory.grow (i32.const 0))) (i32.store (i32.const 8) (memory.grow (i32.const 1)))",
    );
    const session = testSession(kernel, claimableText(growing));
    expect(session.run(everyTicks(1)).finalRoot).toBe(expectedRoot(growing));
    expect([...session.readFinalMemory(4, 8)]).toEqual([4, 0, 0, 0, 255, 255, 255, 255]);
    expect(session.openTick(7).end).toEqual(session.openTick(8).start);
  });
});

describe("attack 49: a native trap or stack overflow taken for a result", () => {
  it("the deepest stack that is admitted fits into the worker's", async () => {
    const text = deepProgram(40, 190);
    const program = claimableText(text);
    expect(program.stackSlots).toBeGreaterThan(7500);
    const session = await WorkerSession.start({ program: nativeProgramOf(program), drives });
    const { finalRoot, ticks } = await session.run(everyTicks(0));
    await session.close();
    expect([finalRoot, ticks]).toEqual([expectedRoot(text), 30]);
  });

  it("what the engine throws leads to the interpreter, whose word counts", () => {
    // An engine that throws in two ticks where the machine does not trap, as at the end of its own stack.
    const throwing = countingProgram(
      20,
      "(if (i32.or (i64.eq (global.get $count) (i64.const 7)) (i64.eq (global.get $count) (i64.const 12))) (then unreachable))",
    );
    const program = claimableText(countingProgram(20));
    const native = { ...nativeProgramOf(program), module: nativeProgramOf(claimableText(throwing)).module };
    const session = testSession(kernel, program, { program: native });
    const run = session.run(everyTicks(2));
    expect([run.ticks, run.finalRoot]).toEqual([20, expectedRoot(countingProgram(20))]);
    expect(session.tickRoots([7, 13])).toEqual(testSession(kernel, program).tickRoots([7, 13]));
  });

  it("a trap in the first tick is a result that can be defended", () => {
    const trapping = countingProgram(20, "unreachable");
    const session = testSession(kernel, claimableText(trapping), { storage: new MemorySnapshotStorage() });
    const run = session.run(everyTicks(2));
    expect(run).toMatchObject({ ticks: 1, log2Ticks: 0, log2CheckpointTicks: 0, checkpoints: [] });
    expect(run.finalRoot).toBe(expectedRoot(trapping));
    expect(session.openTick(0).steps).toBeGreaterThan(500);
  });
});

describe("attack 51: a program whose steps cost no native time", () => {
  const idle = countingProgram(
    5,
    `(local $n i32) (if (i64.eq (global.get $count) (i64.const 4)) (then
      (loop $again (drop (i32.const 1)) (drop (i32.const 2))
        (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20000))))))`,
  );

  it("has its steps counted tick by tick", () => {
    const session = testSession(kernel, claimableText(idle));
    session.run(everyTicks(1));
    const { tick, steps } = session.longestTick();
    expect(tick).toBe(3);
    expect(steps).toBe(session.openTick(3).steps);
    expect(steps).toBeGreaterThan(20_000 * 8);
  });

  it("is refused when a tick takes more steps than the limit", () => {
    const session = testSession(kernel, claimableText(idle), { maxLog2StepsPerTick: 16 });
    session.run(everyTicks(1));
    expect(() => session.longestTick()).toThrow("tick 3 takes more than 2^16 steps");
    expect(() => session.openTick(3)).toThrow("tick 3 takes more than 2^16 steps");
    expect(session.openTick(2).steps).toBeLessThan(2 ** 16);
  });
});
