import { beforeAll, describe, expect, it } from "vitest";
import { memoryPageBytes } from "../../../src/machine/layout.ts";
import type { Engine } from "../../../src/machine/native/engine/engine.ts";
import { engineNames, openEngine } from "../../../src/machine/native/engine/engines.ts";
import { type Difference, Lockstep } from "../../../src/machine/native/engine/lockstep.ts";
import { HashedState } from "../../../src/machine/native/hashedState.ts";
import { nativeProgramOf } from "../../../src/machine/native/nativeProgram.ts";
import type { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { decodeModule } from "../../../src/wasm/decodeModule.ts";
import { setMemoryPages } from "../../../src/wasm/setMemoryPages.ts";
import { Random } from "../../support/random.ts";
import { randomTickProgram } from "../../support/randomTickProgram.ts";
import { seed } from "../../support/seed.ts";
import { claimableText, countingProgram, drives, everyTicks, testSession } from "../../support/testSession.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

/** An engine that does something else after its tick number `tick`. */
function changedEngine(engine: Engine, tick: number, change: (engine: Engine) => void): Engine {
  let ticks = 0;
  return {
    get memory() {
      return engine.memory;
    },
    resume: (globals) => engine.resume(globals),
    readGlobals: (slots) => engine.readGlobals(slots),
    run(count, ticked) {
      const status = engine.run(count, ticked);
      if (ticks++ === tick) change(engine);
      return status;
    },
  };
}

function lockstepOf(text: string, change: (engine: Engine) => Engine = (engine) => engine): Lockstep {
  const program = nativeProgramOf(claimableText(text));
  const engines = [openEngine(program, "native"), change(openEngine(program, "native"))] as const;
  return new Lockstep({ program, drives, kernel, engines });
}

describe("the engines", () => {
  it("have the same state roots, snapshots and opened ticks, whichever runs a program", () => {
    const random = new Random(seed);
    for (let round = 0; round < 30; round++) {
      const program = claimableText(randomTickProgram(random, 12));
      const sessions = engineNames.map((engine) => testSession(kernel, program, { engine }));
      const runs = sessions.map((session) => {
        const { tickSeconds, hashSeconds, ...run } = session.run(everyTicks(1));
        return run;
      });
      expect(runs[1]).toEqual(runs[0]);
      const tick = random.below(runs[0]!.ticks);
      const opened = sessions.map((session) => session.openTick(tick));
      expect(opened[1]).toEqual(opened[0]);
      const ticks = Array.from({ length: 10 }, () => random.below(runs[0]!.ticks + 2));
      expect(sessions[1]!.tickRoots(ticks)).toEqual(sessions[0]!.tickRoots(ticks));
    }
  });

  it("may have memory of their own behind the program's, which no root sees", async () => {
    const native = nativeProgramOf(claimableText(countingProgram(9)));
    const { memoryPages } = native.program;
    const wider = { ...native, module: setMemoryPages(decodeModule(native.module), memoryPages + 2) };
    const memory = new WebAssembly.Memory({ initial: memoryPages + 2 });
    new Uint8Array(memory.buffer).fill(7, memoryPages * memoryPageBytes);
    const hashed = new HashedState(kernel, native.program, memory);
    expect(hashed.root()).toBe(testSession(kernel, native.program, { drives: [] }).startRoot());

    const engine = openEngine(wider, "native");
    new Uint8Array(engine.memory.buffer).fill(7, memoryPages * memoryPageBytes);
    const lockstep = new Lockstep({ program: native, drives, kernel, engines: [openEngine(native), engine] });
    expect(await lockstep.run(100)).toEqual({ ticks: 9, ended: true, difference: undefined });
  });
});

describe("two engines in lockstep", () => {
  it("agree on random programs, to the end or the trap", async () => {
    const random = new Random(seed);
    for (let round = 0; round < 30; round++) {
      const program = nativeProgramOf(claimableText(randomTickProgram(random, 12)));
      const engines = [openEngine(program, "native"), openEngine(program, "interpreter")] as const;
      const result = await new Lockstep({ program, drives, kernel, engines }).run(1000);
      expect(result).toMatchObject({ difference: undefined, ended: true });
    }
  });

  const changes: { name: string; change: (engine: Engine) => void; difference: Partial<Difference> }[] = [
    {
      name: "a byte of memory, of the lowest page that differs",
      change: ({ memory }) => {
        const bytes = new Uint8Array(memory.buffer);
        for (const at of [5 * 4096 + 17, 3 * 4096 + 9]) bytes[at]! ^= 1;
      },
      difference: { kind: "memory", page: 3, address: 3 * 4096 + 9, pages: 2 },
    },
    {
      name: "a global",
      change: (engine) => {
        const slots = new Int32Array(2 * 4096);
        engine.readGlobals(slots);
        slots[1]! ^= 1;
        engine.resume(slots);
      },
      difference: { kind: "global", index: 0, first: "0x5", second: "0x100000005" },
    },
    {
      name: "an exception",
      change: () => {
        throw new RangeError("out of stack");
      },
      difference: { kind: "ending", first: { status: "yielded" }, second: { thrown: "out of stack" } },
    },
  ];
  for (const { name, change, difference } of changes) {
    it(`name the first difference: ${name}`, async () => {
      const lockstep = lockstepOf(countingProgram(20), (engine) => changedEngine(engine, 4, change));
      const result = await lockstep.run(1000);
      expect(result).toMatchObject({ ticks: 5, ended: false, difference: { ticks: 5, ...difference } });
    });
  }

  it("stop after as many ticks as were asked for, and go on from there", async () => {
    const lockstep = lockstepOf(countingProgram(20));
    expect(await lockstep.run(7)).toEqual({ ticks: 7, ended: false, difference: undefined });
    expect(await lockstep.run(1000)).toEqual({ ticks: 20, ended: true, difference: undefined });
  });
});
