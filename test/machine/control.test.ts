import { describe, expect, it } from "vitest";
import { run } from "../../src/machine/interpreter.ts";
import { Op } from "../../src/machine/opcodes.ts";
import { Register, Status, Trap } from "../../src/machine/registers.ts";
import { cloneState, copyState, MachineState, newArrays } from "../../src/machine/state.ts";
import { resume } from "../../src/machine/step/ending.ts";
import { step } from "../../src/machine/step/step.ts";
import { assemble, type Instruction, runningState, slot } from "../support/handmadeState.ts";

function register(state: MachineState, name: keyof typeof Register): number {
  return state.registers[Register[name]]!;
}

/** A state whose tick is this code, resumed. */
function resumed(instructions: readonly Instruction[]): MachineState {
  const state = new MachineState(newArrays({ memoryPages: 1, tableSize: 0, code: assemble(instructions) }));
  state.registers[Register.memoryPages] = 1;
  resume(state.registers);
  return state;
}

describe("a tick", () => {
  it.each([
    [0, Status.yielded],
    [1, Status.halted],
    [-5, Status.halted],
  ])("that returns %i ends with status %i, everything but memory and globals cleared", (result, status) => {
    const state = resumed([
      [Op.i32Const, result],
      [Op.globalSet, 3],
      [Op.i32Const, result],
      [Op.move, 3, 1],
      [Op.return],
    ]);
    expect(run(state, 100)).toBe(5);
    expect([...state.registers.subarray(0, 5)]).toEqual([0, 0, 0, status, 0]);
    expect(state.stack.every((half) => half === 0)).toBe(true);
    expect(state.globals[6]).toBe(result);
  });

  it("that traps keeps its pc and says why", () => {
    const state = resumed([[Op.i32Const, 1], [Op.i32Const, 0], [0x6d]]);
    expect(run(state, 100)).toBe(3);
    expect([...state.registers.subarray(0, 5)]).toEqual([2, 0, 0, Status.trapped, Trap.divideByZero]);
    expect(state.stack.every((half) => half === 0)).toBe(true);
  });

  it("stops after exactly as many steps as it is given", () => {
    const state = resumed([[Op.jump, 0]]);
    expect(run(state, 12_345)).toBe(12_345);
    expect(register(state, "status")).toBe(Status.running);
    expect(run(state, 0)).toBe(0);
  });
});

describe("a state that is not running", () => {
  it.each([Status.yielded, Status.halted, Status.trapped, 4, 77, -1])("with status %i stays as it is", (status) => {
    const state = runningState([[Op.i32Const, 1]], [5n]);
    state.registers[Register.status] = status;
    const before = cloneState(state);
    step(state);
    expect(state.registers).toEqual(before.registers);
    expect(state.stack).toEqual(before.stack);
    expect(run(state, 10)).toBe(0);
  });

  it("is resumed only when it has yielded, and then writes registers alone", () => {
    const registers = new Int32Array(32).fill(9);
    registers[Register.status] = Status.yielded;
    registers[Register.entryPc] = 44;
    resume(registers);
    expect([...registers.subarray(0, 10)]).toEqual([44, 2, 1, Status.running, 0, 9, 9, 44, 9, 0]);
    expect(registers.subarray(9).every((word) => word === 0)).toBe(true);
    for (const status of [Status.running, Status.halted, Status.trapped, 8]) {
      const other = new Int32Array(32).fill(9);
      other[Register.status] = status;
      const before = other.slice();
      resume(other);
      expect(other).toEqual(before);
    }
  });
});

describe("traps", () => {
  const at = (sp: number, instruction: Instruction, phase = 0, pc = 0) => {
    const state = runningState([instruction]);
    state.registers[Register.sp] = sp;
    state.registers[Register.phase] = phase;
    state.registers[Register.pc] = pc;
    step(state);
    return register(state, "trapCode");
  };

  it("come in their order", () => {
    expect(at(0, [0x99], 5, 2 ** 24)).toBe(Trap.badPc);
    expect(at(0, [0x99], 5)).toBe(Trap.illegalInstruction);
    expect(at(0, [0x00])).toBe(Trap.illegalInstruction);
    expect(at(0, [Op.i32Const], 0, 1)).toBe(Trap.illegalInstruction);
    expect(at(0, [0x6a], 1)).toBe(Trap.badScratch);
    expect(at(0, [0x28], 2)).toBe(Trap.badScratch);
    expect(at(1, [0x6d])).toBe(Trap.stackOutOfBounds);
    expect(at(8192, [Op.globalGet, 4096])).toBe(Trap.stackOutOfBounds);
    expect(at(5, [Op.globalGet, 4096])).toBe(Trap.illegalInstruction);
    expect(at(5, [Op.globalSet, -1])).toBe(Trap.illegalInstruction);
    expect(at(5, [Op.unreachable])).toBe(Trap.unreachable);
  });

  it("of the stack are the outcome at both of its ends", () => {
    expect(at(8192, [Op.i32Const])).toBe(Trap.stackOutOfBounds);
    expect(at(8191, [Op.i32Const])).toBe(0);
    expect(at(2, [Op.select])).toBe(Trap.stackOutOfBounds);
    expect(at(3, [Op.select])).toBe(0);
    expect(at(8190, [Op.call, 0, 2])).toBe(Trap.stackOutOfBounds);
    expect(at(8189, [Op.call, 0, 2])).toBe(0);
    expect(at(0, [Op.drop])).toBe(0);
    expect(at(3, [Op.localGet, -3])).toBe(Trap.stackOutOfBounds);
    expect(at(3, [Op.move, 3, 4])).toBe(Trap.stackOutOfBounds);
  });

  it("of call_indirect tell table, element and type apart", () => {
    const call = (index: number, tableSize: number) => {
      const arrays = newArrays({ memoryPages: 0, tableSize: 3, code: assemble([[Op.callIndirect, 2]]) });
      const state = new MachineState(arrays);
      state.table.set([0, 5, 1, 6, 2, 7]);
      state.registers.set([0, 3, 1, Status.running, 0, 0, tableSize]);
      state.setSlot(2, index, -1);
      step(state);
      return [register(state, "trapCode"), register(state, "pc"), register(state, "sp")];
    };
    expect(call(3, 3)).toEqual([Trap.tableOutOfBounds, 0, 0]);
    expect(call(-1, -1)).toEqual([Trap.tableOutOfBounds, 0, 0]);
    expect(call(2 ** 18 - 1, -1)).toEqual([Trap.uninitializedElement, 0, 0]);
    expect(call(0, 3)).toEqual([Trap.uninitializedElement, 0, 0]);
    expect(call(1, 3)).toEqual([Trap.indirectCallTypeMismatch, 0, 0]);
    expect(call(2, 3)).toEqual([0, 7, 3]);
  });
});

describe("slots", () => {
  it("are copied whole by select, move and locals, and stay when they are popped", () => {
    const [x, y] = [0x1111222233334444n, 0x5555666677778888n];
    const state = runningState(
      [[Op.select], [Op.localTee, 5], [Op.move, 4, 1], [Op.drop], [Op.globalSet, 9]],
      [y, x, y, 0n],
    );
    run(state, 1);
    expect([slot(state, 3), slot(state, 4), slot(state, 5)]).toEqual([y, y, 0n]);
    run(state, 2);
    expect([slot(state, 6), slot(state, 0)]).toEqual([y, y]);
    run(state, 2);
    expect([register(state, "sp"), slot(state, 2), slot(state, 3)]).toEqual([2, y, y]);
    expect([state.globalLow(9), state.globalHigh(9)]).toEqual([Number(y & 0xffffffffn), Number(y >> 32n)]);
  });
});

describe("the largest memory", () => {
  it("is read and written up to its last byte, in parts across 2^31", () => {
    const state = runningState(
      [
        [0x37, 0],
        [0x29, 0],
      ],
      [0n, 0x1122334455667788n],
      65536,
    );
    for (const address of [2 ** 32 - 8, 2 ** 31 - 3, 2 ** 31 + 121]) {
      state.registers[Register.pc] = 0;
      state.registers[Register.sp] = 4;
      state.setSlot(2, address | 0, 0);
      run(state, address === 2 ** 32 - 8 ? 1 : 2);
      expect([register(state, "pc"), register(state, "sp")]).toEqual([1, 2]);
      state.registers[Register.sp] = 3;
      run(state, address === 2 ** 32 - 8 ? 1 : 2);
      expect([register(state, "pc"), slot(state, 2)]).toEqual([2, 0x1122334455667788n]);
      expect(state.memory[address]).toBe(0x88);
    }
    state.registers[Register.pc] = 1;
    state.setSlot(2, -7, 0);
    step(state);
    expect(register(state, "trapCode")).toBe(Trap.memoryOutOfBounds);
  });
});

describe("a copied state", () => {
  it("is independent of the first, and can be copied back", () => {
    const state = runningState(
      [
        [Op.i32Const, 7],
        [Op.i32Const, 64],
        [Op.i32Const, 5],
        [0x36, 0],
      ],
      [1n],
    );
    const copy = cloneState(state);
    run(state, 4);
    expect(copy.memory[64]).toBe(0);
    expect(register(copy, "pc")).toBe(0);
    copyState(state, copy);
    expect(copy.memory[64]).toBe(5);
    expect(copy.registers).toEqual(state.registers);
    expect(copy.stack).toEqual(state.stack);
  });
});
