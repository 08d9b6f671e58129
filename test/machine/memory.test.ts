import { describe, expect, it } from "vitest";
import { leafBytes, memoryPageBytes } from "../../src/machine/layout.ts";
import { bytesOf } from "../../src/machine/leaves.ts";
import { Op, type Opcode, opcodes } from "../../src/machine/opcodes.ts";
import { bufferOffset, Register, registerWords, Status, Trap } from "../../src/machine/registers.ts";
import type { MachineState } from "../../src/machine/state.ts";
import { step } from "../../src/machine/step/step.ts";
import { runningState, slot } from "../support/handmadeState.ts";
import { RandomWords } from "../support/randomState.ts";
import { seed } from "../support/seed.ts";
import { functionModule, unsigned } from "../support/wasmBytes.ts";

const random = new RandomWords(seed);

interface Native {
  readonly f: (...operands: (number | bigint)[]) => number | bigint | undefined;
  readonly memory: Uint8Array;
}

function instantiate(...module: Parameters<typeof functionModule>): Native {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(functionModule(...module)));
  const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
  return { f: exports.f as Native["f"], memory };
}

/** Steps until the instruction at pc 0 is done or trapped; returns how many. */
function finish(state: MachineState): number {
  let steps = 0;
  do {
    step(state);
    steps++;
  } while (state.running && state.registers[Register.pc] === 0);
  return steps;
}

const noise = Uint8Array.from({ length: memoryPageBytes }, () => random.word());

function registersBuffer(state: MachineState): Uint8Array {
  return bytesOf(state.registers).subarray(bufferOffset);
}

/** Everywhere around the boundaries of a leaf, of memory, and of 32 bits. */
const addresses = [0, leafBytes, 3 * leafBytes, memoryPageBytes, 2 ** 32]
  .flatMap((boundary) => Array.from({ length: 19 }, (_, i) => boundary - 10 + i))
  .filter((address) => address >= 0 && address < 2 ** 32);
const offsets = [0, 1, 100, memoryPageBytes, 2 ** 32 - 1];

const loads = opcodes.filter(({ accessBytes, pushes }) => accessBytes > 0 && pushes === 1);
const stores = opcodes.filter(({ accessBytes, pushes }) => accessBytes > 0 && pushes === 0);
const cases = (list: readonly Opcode[]) => list.map((opcode) => [opcode.name, opcode] as const);
const typeOf = ({ name }: Opcode) => name.slice(0, 3) as "i32" | "i64";

describe("loads", () => {
  it.each(cases(loads))("%s reads what the engine reads, in two steps where it crosses a leaf", (_, opcode) => {
    for (const offset of offsets) {
      const native = instantiate(["i32"], [typeOf(opcode)], [0x20, 0, opcode.number, 0, ...unsigned(offset)]);
      native.memory.set(noise);
      for (const address of addresses) {
        const state = runningState([[opcode.number, offset]], [BigInt(address) | (0xabcdn << 32n)]);
        state.memory.set(noise);
        const steps = finish(state);
        const first = address + offset;
        if (first + opcode.accessBytes > memoryPageBytes) {
          expect(() => native.f(address)).toThrow(WebAssembly.RuntimeError);
          expect([state.registers[Register.trapCode], steps]).toEqual([Trap.memoryOutOfBounds, 1]);
          continue;
        }
        const expected = BigInt.asUintN(typeOf(opcode) === "i32" ? 32 : 64, BigInt(native.f(address)!));
        const crosses = (first % leafBytes) + opcode.accessBytes > leafBytes;
        expect([slot(state, 2), steps]).toEqual([expected, crosses ? 2 : 1]);
        expect(state.registers.subarray(Register.phase).every((word) => word === 0)).toBe(true);
      }
    }
  });
});

describe("a load in two steps", () => {
  it("carries the first leaf's bytes in a buffer that holds nothing else, and leaves scratch cleared", () => {
    const state = runningState([[0x29, 0]], [123n]);
    state.memory.set(noise);
    for (let i = Register.phase + 1; i < registerWords; i++) state.registers[i] = -1;
    step(state);
    expect([...registersBuffer(state)]).toEqual([...noise.subarray(123, 128), ...new Array(59).fill(0)]);
    expect([...state.registers.subarray(Register.phase, Register.buffer)]).toEqual([1, -1, -1, -1, -1, -1, -1]);
    expect([state.registers[Register.pc], state.registers[Register.sp]]).toEqual([0, 3]);
    step(state);
    expect(state.registers.subarray(Register.phase).every((word) => word === 0)).toBe(true);
  });
});

describe("stores", () => {
  it.each(cases(stores))("%s writes what the engine writes, in two steps where it crosses a leaf", (_, opcode) => {
    for (const offset of offsets) {
      const body = [0x20, 0, 0x20, 1, opcode.number, 0, ...unsigned(offset)];
      const native = instantiate(["i32", typeOf(opcode)], [], body);
      for (const address of addresses) {
        const value = (BigInt(random.word()) << 32n) | BigInt(random.word() >>> 0);
        const state = runningState([[opcode.number, offset]], [BigInt(address), value]);
        native.memory.set(noise);
        state.memory.set(noise);
        const steps = finish(state);
        const operand = typeOf(opcode) === "i32" ? Number(BigInt.asIntN(32, value)) : value;
        const first = address + offset;
        if (first + opcode.accessBytes > memoryPageBytes) {
          expect(() => native.f(address, operand)).toThrow(WebAssembly.RuntimeError);
          expect([state.registers[Register.trapCode], steps]).toEqual([Trap.memoryOutOfBounds, 1]);
        } else {
          native.f(address, operand);
          const crosses = (first % leafBytes) + opcode.accessBytes > leafBytes;
          expect([state.registers[Register.sp], steps]).toEqual([2, crosses ? 2 : 1]);
        }
        expect(Buffer.compare(state.memory, native.memory)).toBe(0);
      }
    }
  });

  it("marks the 4 KiB pages it writes to as dirty", () => {
    const state = runningState([[0x37, 0]], [4092n, 1n]);
    finish(state);
    expect([...state.dirty].flatMap((mark, page) => (mark ? [page] : []))).toEqual([0, 1]);
  });
});

const near = () => {
  const boundary = random.pick([0, 0, 128, 256, 640, 4096, memoryPageBytes - 128, memoryPageBytes]);
  return Math.max(0, boundary + random.below(random.pick([4, 70, 300])) - random.pick([0, 2, 130]));
};

describe("bulk instructions", () => {
  it.each([
    ["memory.copy", [0xfc, 10, 0, 0], Op.memoryCopy],
    ["memory.fill", [0xfc, 11, 0], Op.memoryFill],
  ] as const)("%s does what the engine does, whatever overlaps", (_, encoding, opcode) => {
    const native = instantiate(["i32", "i32", "i32"], [], [0x20, 0, 0x20, 1, 0x20, 2, ...encoding]);
    for (let i = 0; i < 1500; i++) {
      const destination = random.chance(50) ? random.word() >>> 0 : near();
      const source = random.chance(3) ? Math.max(0, destination + random.below(200) - 100) : near();
      const length = random.chance(50) ? random.word() >>> 0 : random.below(random.pick([2, 66, 400]));
      const state = runningState([[opcode]], [BigInt(destination), BigInt(source), BigInt(length)]);
      native.memory.set(noise);
      state.memory.set(noise);
      finish(state);
      let trapped = false;
      try {
        native.f(destination, source, length);
      } catch {
        trapped = true;
      }
      expect(state.registers[Register.status]).toBe(trapped ? Status.trapped : Status.running);
      expect(state.registers[trapped ? Register.trapCode : Register.sp]).toBe(trapped ? Trap.memoryOutOfBounds : 2);
      expect(Buffer.compare(state.memory, native.memory)).toBe(0);
    }
  });

  it("trap on a second part that has no first", () => {
    for (const [opcode, operands] of [
      [Op.memoryCopy, [0n, 0n, 0n]],
      [Op.memoryFill, [0n, 0n, 5n]],
      [0x28, [0n]],
      [0x36, [0n, 0n]],
      [0x2c, [127n]],
    ] as const) {
      const state = runningState([[opcode]], operands);
      state.registers[Register.phase] = 1;
      step(state);
      expect(state.registers[Register.trapCode]).toBe(Trap.badScratch);
    }
  });

  it("copies forward where source and destination are one, a leaf at a time", () => {
    const state = runningState([[Op.memoryCopy]], [100n, 100n, 100n]);
    state.memory.set(noise);
    step(state);
    expect([...registersBuffer(state)]).toEqual([...noise.subarray(100, 128), ...new Array(36).fill(0)]);
    step(state);
    expect([slot(state, 2), slot(state, 3), slot(state, 4)]).toEqual([128n, 128n, 72n]);
    step(state);
    step(state);
    expect([slot(state, 2), slot(state, 3), slot(state, 4)]).toEqual([192n, 192n, 8n]);
  });

  it("copies backward from the end, moving neither operand", () => {
    const state = runningState([[Op.memoryCopy]], [130n, 120n, 100n]);
    step(state);
    step(state);
    expect([slot(state, 2), slot(state, 3), slot(state, 4)]).toEqual([130n, 120n, 36n]);
    step(state);
    step(state);
    expect(slot(state, 4)).toBe(8n);
  });

  it("check their bounds also when there is nothing to do", () => {
    const end = BigInt(memoryPageBytes);
    for (const [destination, source, code] of [
      [end, end, 0],
      [end + 1n, end, Trap.memoryOutOfBounds],
      [end, end + 1n, Trap.memoryOutOfBounds],
    ] as const) {
      const state = runningState([[Op.memoryCopy]], [destination, source, 0n]);
      step(state);
      expect(state.registers[Register.trapCode]).toBe(code);
    }
  });
});

describe("memory.size and memory.grow", () => {
  it("give the size, and refuse to grow", () => {
    const state = runningState([[Op.memorySize], [Op.memoryGrow], [Op.i32Const, 0], [Op.memoryGrow]], [], 3);
    step(state);
    expect(slot(state, 2)).toBe(3n);
    step(state);
    expect(slot(state, 2)).toBe(0xffffffffn);
    step(state);
    step(state);
    expect(slot(state, 3)).toBe(3n);
  });

  it("count no more than 65,536 pages", () => {
    const state = runningState([[Op.memorySize], [0x2d, -1]]);
    state.registers[Register.memoryPages] = -1;
    step(state);
    expect(slot(state, 2)).toBe(65536n);
  });
});
