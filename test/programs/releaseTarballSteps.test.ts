import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { run } from "../../src/machine/interpreter.ts";
import type { Engine } from "../../src/machine/native/engine/engine.ts";
import { openEngine } from "../../src/machine/native/engine/engines.ts";
import { type NativeProgram, nativeProgramOf } from "../../src/machine/native/nativeProgram.ts";
import { Op } from "../../src/machine/opcodes.ts";
import { type ClaimableProgram, startState } from "../../src/machine/program.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { resume } from "../../src/machine/step/ending.ts";
import { readProgram } from "../../src/programs/node/readProgram.ts";
import { exitCodes, releaseTarball } from "../../src/programs/releaseTarball/manifest.ts";
import { readResultRecord } from "../../src/programs/resultRecord.ts";
import { encodeDrive } from "../../src/source/drive.ts";
import type { Entry } from "../../src/source/source.ts";
import { costliestTrees } from "../support/costliestTrees.ts";
import { proveStepBound } from "../support/stepBound.ts";

// The terms of the bound, as the program's README derives them.
const fuelOfTick = 7_000_000;
const overrun = 1_250_000;
const unpaid = 1_000;
const bound = 2 ** releaseTarball.maxLog2StepsPerTick;

let program: ClaimableProgram;
let native: NativeProgram;
let fuel: number;

beforeAll(async () => {
  program = loadClaimable(await readProgram(releaseTarball));
  native = nativeProgramOf(program);
  fuel = fuelGlobal();
});

/** The global that every tick begins by setting to its fuel. */
function fuelGlobal(): number {
  const { code } = program;
  const found = [];
  for (let pc = 1; pc < code.length / 2; pc++) {
    const isSet = (code[2 * pc]! & 0xff) === Op.globalSet && (code[2 * pc - 2]! & 0xff) === Op.i32Const;
    if (isSet && code[2 * pc - 1] === fuelOfTick) found.push(code[2 * pc + 1]!);
  }
  expect(found).toHaveLength(1);
  return found[0]!;
}

function startNatively(drive: Uint8Array): Engine {
  const instance = openEngine(native, "native");
  new Uint8Array(instance.memory.buffer).set(drive, releaseTarball.inputDrive.address);
  return instance;
}

function encode(entries: readonly Entry[]): Uint8Array {
  return encodeDrive({ name: "source", time: 1, entries });
}

describe("the bound on the steps of a tick of the release tarball", () => {
  it("adds up", () => {
    expect(fuelOfTick + overrun + unpaid).toBeLessThanOrEqual(bound);
  });

  it("holds for every path through the program: all loops pay for their steps", () => {
    const proof = proveStepBound(program, program.tick, fuel);
    expect(proof.unpaidMoment).toBeLessThanOrEqual(unpaid);
    expect(proof.rounds.length).toBeGreaterThan(50);
  });

  for (const { name, drive } of costliestTrees()) {
    it(`holds for ${name}: fuel is overrun no further than stated`, () => {
      const instance = startNatively(drive());
      const globals = new Int32Array(program.globals.length);
      let lowest = 0;
      const status = instance.run(100_000, () => {
        instance.readGlobals(globals);
        lowest = Math.min(lowest, globals[2 * fuel]!);
      });
      expect(status).toBe("halted");
      expect(lowest).toBeLessThan(0);
      expect(-lowest).toBeLessThanOrEqual(overrun);
    });
  }
});

describe("the release tarball in the machine", () => {
  it("is claimable, in the memory and with the drives that its description states", () => {
    expect(program.memoryPages).toBe(releaseTarball.memoryPages);
    const { inputDrive, outputDrive } = releaseTarball;
    const empty = new Uint8Array();
    const drives = [inputDrive, outputDrive].map((drive) => ({ ...drive, bytes: empty }));
    expect(() => startState(program, drives)).not.toThrow();
    expect(program.stackSlots).toBeLessThan(200);
  });

  it("does in each interpreted tick what it does natively, within the bound and its own account", async () => {
    const lock = new Uint8Array(await readFile(new URL("../../package-lock.json", import.meta.url)));
    const drive = encode([{ path: "a/lock", kind: "file", content: lock.slice(0, 60_000) }]);
    const instance = startNatively(drive);
    const state = startState(program, [{ ...releaseTarball.inputDrive, bytes: drive }]);
    const globals = new Int32Array(program.globals.length);
    let ticks = 0;
    for (let halted = false; !halted; ticks++) {
      halted = instance.run(1, () => {}) === "halted";
      resume(state.registers);
      const steps = run(state, bound);
      expect(state.registers[Register.status]).toBe(halted ? Status.halted : Status.yielded);
      instance.readGlobals(globals);
      expect(state.globals.slice(0, globals.length)).toEqual(globals);
      // The first 128 MiB are hardly ever written; all of it is compared at the end.
      const from = halted ? 0 : releaseTarball.outputDrive.address;
      const memory = new Uint8Array(instance.memory.buffer, from);
      expect(Buffer.compare(state.memory.subarray(from), memory)).toBe(0);
      expect(steps).toBeLessThanOrEqual(fuelOfTick - globals[2 * fuel]! + unpaid);
    }
    expect(ticks).toBeGreaterThan(2);
    expect(readResultRecord(state.memory).exitCode).toBe(exitCodes.ok);
  });
});
