/** Attacks and faults on a step and its witness, each tried on the contract. */
import { keccak256 } from "ethers";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/core/bytes.ts";
import { headerBytes, leafBytes } from "../../src/machine/layout.ts";
import { opcodes } from "../../src/machine/opcodes.ts";
import { Register, Status, Trap } from "../../src/machine/registers.ts";
import { type InstructionState, sketchInstruction, slotOf, stepSketch } from "../support/instructionSketch.ts";
import type { Sketch, SketchedStep } from "../support/sketchedStep.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";

const lastSlot = 8191;
const minI32 = 0x80000000;
const minI64 = 1n << 63n;

describe("attack on a step:", async () => {
  const { verifier, batch } = await deployStepVerifier();

  /** Executes the instruction in both machines, which must agree, and returns the state after it. */
  async function play(name: string, state: InstructionState = {}): Promise<Sketch & { step: SketchedStep }> {
    const sketch = sketchInstruction(name, state);
    const step = stepSketch(sketch);
    expect(await verifier.step(step.root, step.witness), name).toBe(step.postRoot);
    return { ...sketch, step };
  }

  async function trapOf(name: string, state: InstructionState): Promise<number> {
    const { registers } = await play(name, state);
    return registers[Register.status] === Status.trapped ? registers[Register.trapCode]! : 0;
  }

  async function topOf(name: string, state: InstructionState): Promise<bigint> {
    const after = await play(name, state);
    expect(after.registers[Register.status], name).toBe(Status.running);
    return slotOf(after, after.registers[Register.sp]! - 1);
  }

  describe("20. leaf and node confusion", () => {
    it("does not take an inner node's preimage for a leaf", async () => {
      const { root, witness, leaves } = stepSketch(sketchInstruction("jump"));
      const { at } = leaves[0]!;
      const leaf = witness.subarray(at, at + leafBytes);
      const sibling = witness.subarray(at + leafBytes, at + leafBytes + 32);
      const node = concatBytes(new Uint8Array(leafBytes), sibling);
      node.set(fromKeccak(leaf), 0);
      const shorter = concatBytes(witness.subarray(0, at), node, witness.subarray(at + leafBytes + 32));
      await expect(verifier.step(root, shorter)).toRevertWith(verifier, "RootMismatch");
    });

    it("does not take a leaf for a shallower or deeper tree", async () => {
      const { root, witness } = stepSketch(sketchInstruction("jump"));
      await expect(verifier.step(root, witness.slice(0, -32))).toRevertWith(verifier, "WitnessTooShort");
      await expect(verifier.step(root, concatBytes(witness, new Uint8Array(32)))).toRevertWith(
        verifier,
        "WitnessTooLong",
      );
    });

    it("derives every index from the state, within its tree", async () => {
      expect(await trapOf("jump", { pc: 2 ** 24 })).toBe(Trap.badPc);
      expect(await trapOf("i32.const", { sp: lastSlot + 1 })).toBe(Trap.stackOutOfBounds);
      expect(await trapOf("memory.fill", { sp: 2 })).toBe(Trap.stackOutOfBounds);
      expect(await trapOf("global.get", { b: 4096 })).toBe(Trap.illegalInstruction);
      expect(await trapOf("call_indirect", { operands: [2 ** 18], tableSize: 0xffffffff })).toBe(Trap.tableOutOfBounds);
      expect(await trapOf("i32.load8_u", { operands: [-1], b: -1, pages: 0xffffffff })).toBe(Trap.memoryOutOfBounds);
    });
  });

  it("21. a malformed witness: one byte more, less or flipped reverts", async () => {
    const { root, witness } = stepSketch(sketchInstruction("i32.add", { operands: [1, 2] }));
    const postRoots = await batch.runFlipped(root, witness, 0, witness.length, "0x10");
    expect(new Set(postRoots)).toEqual(new Set([`0x${"0".repeat(64)}`]));
    await expect(verifier.step(root, witness.slice(0, -1))).toRevertWith(verifier, "WitnessTooShort");
    await expect(verifier.step(root, concatBytes(witness, Uint8Array.of(0)))).toRevertWith(verifier, "WitnessTooLong");
  });

  it("22. writes against stale siblings: two stack leaves written in one step chain", async () => {
    // The operands end in one leaf and begin in the one before; the copy writes into both.
    const state = { sp: 17, operands: [500, 900, 40], phase: 1, buffer: new Uint8Array(64).fill(7) };
    const after = await play("memory.copy", { ...state, operands: [500, 900, 40] });
    expect([slotOf(after, 14), slotOf(after, 15), slotOf(after, 16)]).toEqual([512n, 912n, 28n]);
    expect(after.step.leaves.filter(({ tree }) => tree === "stack").map(({ leaf }) => leaf)).toEqual([1, 0]);
  });

  describe("23. addresses at every edge", () => {
    it("reads and writes the last bytes of the largest memory", async () => {
      expect(await topOf("i64.load", { operands: [-8], pages: 65_536 })).toBe(0n);
      expect(await trapOf("i64.load", { operands: [-7], pages: 65_536 })).toBe(Trap.memoryOutOfBounds);
      expect(await trapOf("i64.store", { operands: [-7, 1n], pages: 65_536 })).toBe(Trap.memoryOutOfBounds);
      expect((await play("i32.store8", { operands: [-1, 0x1ff], pages: 65_536 })).memory[127]).toBe(0xff);
    });

    it("does not wrap base + offset at 2^32", async () => {
      expect(await trapOf("i32.load8_u", { operands: [-1], b: 1, pages: 65_536 })).toBe(Trap.memoryOutOfBounds);
      expect(await trapOf("i32.store", { operands: [-1, 0], b: -1, pages: 65_536 })).toBe(Trap.memoryOutOfBounds);
    });

    it("finds nothing in a memory of size 0, and counts a size above the maximum as the maximum", async () => {
      expect(await trapOf("i32.load8_u", { operands: [0], pages: 0 })).toBe(Trap.memoryOutOfBounds);
      expect(await trapOf("i32.load8_u", { operands: [-1], pages: 0xffffffff })).toBe(0);
      expect(await topOf("memory.size", { pages: 0xffffffff })).toBe(65_536n);
    });

    it("carries a straddling load in the buffer and completes it from the next leaf", async () => {
      const memory = Uint8Array.from({ length: 128 }, (_, i) => i);
      const first = await play("i64.load", { operands: [125], memory });
      expect(first.registers[Register.phase]).toBe(1);
      const buffer = Uint8Array.from([125, 126, 127, 99, 99, 99, 99, 99]);
      expect(await topOf("i64.load", { operands: [125], memory, phase: 1, buffer })).toBe(0x0403020100_7f7e7dn);
    });

    it("writes each part of a straddling store into its own leaf", async () => {
      const operands = [126, 0x0807060504030201n];
      expect([...(await play("i64.store", { operands })).memory.subarray(126)]).toEqual([1, 2]);
      const second = await play("i64.store", { operands, phase: 1 });
      expect([...second.memory.subarray(0, 7)]).toEqual([3, 4, 5, 6, 7, 8, 0]);
      expect(second.registers[Register.phase]).toBe(0);
    });

    it("checks the bounds of the whole access in both parts", async () => {
      const operands = [65_533];
      expect(await trapOf("i32.load", { operands, pages: 1 })).toBe(Trap.memoryOutOfBounds);
      expect(await trapOf("i32.load", { operands, pages: 1, phase: 1 })).toBe(Trap.memoryOutOfBounds);
    });
  });

  describe("24. the edges of arithmetic", () => {
    it("masks shift counts and rotates by 0", async () => {
      expect(await topOf("i32.shl", { operands: [1, 33] })).toBe(2n);
      expect(await topOf("i32.shr_s", { operands: [minI32, 63] })).toBe(0xffffffffn);
      expect(await topOf("i64.shl", { operands: [1n, 65n] })).toBe(2n);
      expect(await topOf("i32.rotl", { operands: [0x12345678, 32] })).toBe(0x12345678n);
      expect(await topOf("i64.rotr", { operands: [0x123456789n, 0n] })).toBe(0x123456789n);
    });

    it("counts the zeros of 0", async () => {
      expect(await topOf("i32.clz", { operands: [0] })).toBe(32n);
      expect(await topOf("i32.ctz", { operands: [0] })).toBe(32n);
      expect(await topOf("i64.clz", { operands: [0n] })).toBe(64n);
      expect(await topOf("i64.ctz", { operands: [0n] })).toBe(64n);
    });

    it("traps on division by zero and on overflow, and has 0 for INT_MIN % -1", async () => {
      for (const name of ["div_s", "div_u", "rem_s", "rem_u"]) {
        expect(await trapOf(`i32.${name}`, { operands: [5, 0] }), name).toBe(Trap.divideByZero);
        expect(await trapOf(`i64.${name}`, { operands: [5n, 0n] }), name).toBe(Trap.divideByZero);
      }
      expect(await trapOf("i32.div_s", { operands: [minI32, -1] })).toBe(Trap.integerOverflow);
      expect(await trapOf("i64.div_s", { operands: [minI64, -1n] })).toBe(Trap.integerOverflow);
      expect(await topOf("i64.div_s", { operands: [7n, -1n] })).toBe((1n << 64n) - 7n);
      expect(await topOf("i32.rem_s", { operands: [minI32, -1] })).toBe(0n);
      expect(await topOf("i64.rem_s", { operands: [minI64, -1n] })).toBe(0n);
      expect(await topOf("i32.div_u", { operands: [minI32, -1] })).toBe(0n);
    });

    it("extends signs and wraps at every width", async () => {
      expect(await topOf("i64.extend32_s", { operands: [0x1_80000000n] })).toBe(0xffffffff_80000000n);
      expect(await topOf("i32.extend8_s", { operands: [0x180] })).toBe(0xffffff80n);
      expect(await topOf("i32.add", { operands: [-1, 1] })).toBe(0n);
      expect(await topOf("i64.mul", { operands: [minI64, 2n] })).toBe(0n);
      expect(await topOf("i64.sub", { operands: [0n, 1n] })).toBe((1n << 64n) - 1n);
    });
  });

  describe("25. encodings that no honest machine produces", () => {
    it("masks a value that is wider than its type", async () => {
      expect(await topOf("i32.add", { operands: [0xff_00000001n, 0xff_00000002n] })).toBe(3n);
      expect(await topOf("i32.eqz", { operands: [0xff_00000000n] })).toBe(1n);
      expect((await play("jump_if", { operands: [0xff_00000000n], b: 77 })).registers[Register.pc]).toBe(6);
    });

    it("traps on every number that is no instruction", async () => {
      const known = new Set(opcodes.map(({ number }) => number));
      const unknown = Array.from({ length: 256 }, (_, number) => number).filter((number) => !known.has(number));
      expect(unknown).toContain(0);
      const steps = unknown.map((number) => {
        const change = ({ code }: Sketch) => code.fill(number, 10, 11);
        return stepSketch(sketchInstruction("drop", { change }));
      });
      expect(steps.every(({ registers }) => registers[Register.trapCode] === Trap.illegalInstruction)).toBe(true);
      const postRoots = await batch.run(
        steps.map(({ root }) => root),
        steps.map(({ witness }) => witness),
      );
      expect([...postRoots]).toEqual(steps.map(({ postRoot }) => postRoot));
    });

    it("keeps a status above its enum as a fixed point", async () => {
      const { step } = await play("i32.add", { status: 4, operands: [1, 2] });
      expect(step.witness.length).toBe(headerBytes);
      expect(step.postRoot).toBe(step.root);
    });

    it("traps on scratch that the instruction does not have", async () => {
      expect(await trapOf("i32.add", { operands: [1, 2], phase: 1 })).toBe(Trap.badScratch);
      expect(await trapOf("i32.load", { operands: [127], phase: 2 })).toBe(Trap.badScratch);
      expect(await trapOf("i32.load", { operands: [124], phase: 1 })).toBe(Trap.badScratch);
      expect(await trapOf("memory.copy", { operands: [0, 0, 0], phase: 1 })).toBe(Trap.badScratch);
    });
  });

  it("26. growing memory: by 0 gives its size, by anything else -1", async () => {
    expect(await topOf("memory.grow", { operands: [0], pages: 3 })).toBe(3n);
    expect(await topOf("memory.grow", { operands: [1], pages: 3 })).toBe(0xffffffffn);
    expect(await topOf("memory.grow", { operands: [-1], pages: 65_536 })).toBe(0xffffffffn);
    expect((await play("memory.grow", { operands: [1], pages: 3 })).registers[Register.memoryPages]).toBe(3);
  });

  it("27. exhausting the stack: the bound is the machine's own, in both directions", async () => {
    expect(await trapOf("call", { sp: lastSlot, a: 0 })).toBe(0);
    expect(await trapOf("call", { sp: lastSlot, a: 1 })).toBe(Trap.stackOutOfBounds);
    expect(await trapOf("i64.add", { sp: 1 })).toBe(Trap.stackOutOfBounds);
    expect(await trapOf("local.get", { fp: 0, b: -1 })).toBe(Trap.stackOutOfBounds);
    expect(await trapOf("return", { fp: 0 })).toBe(Trap.stackOutOfBounds);
    expect(await trapOf("return", { fp: lastSlot + 1 })).toBe(Trap.stackOutOfBounds);
  });

  describe("28. indices out of a table", () => {
    const entry = (typeId: number) => (sketch: Sketch) => sketch.table.set([typeId, 40], 2 * 3);

    it("clamps the index of jump_table", async () => {
      const pcAfter = async (index: number) =>
        (await play("jump_table", { operands: [index], b: 4 })).registers[Register.pc];
      expect([await pcAfter(0), await pcAfter(4), await pcAfter(5), await pcAfter(-1)]).toEqual([6, 10, 10, 10]);
    });

    it("traps in call_indirect: out of range, then null, then another type", async () => {
      const call = (tableSize: number, typeId: number, b: number) =>
        trapOf("call_indirect", { operands: [3], tableSize, b, change: entry(typeId) });
      expect(await call(3, 7, 7)).toBe(Trap.tableOutOfBounds);
      expect(await call(4, 0, 0)).toBe(Trap.uninitializedElement);
      expect(await call(4, 7, 8)).toBe(Trap.indirectCallTypeMismatch);
      expect(await call(4, 7, 7)).toBe(0);
    });
  });

  it("29. moving on from an end: yielded, halted and trapped states are fixed points", async () => {
    for (const status of [Status.yielded, Status.halted, Status.trapped]) {
      const { step } = await play("i32.add", { status, operands: [1, 2] });
      expect(step.postRoot, `status ${status}`).toBe(step.root);
    }
  });

  describe("31. states that only two faulty parties can produce", () => {
    it("have a defined outcome when the end of a tick is nowhere", async () => {
      const after = await play("return", { fp: 1, sp: 0, operands: [] });
      expect(after.registers[Register.status]).toBe(Status.yielded);
      expect(after.registers[Register.sp]).toBe(0);
    });

    it("have a defined outcome with every register at its maximum", async () => {
      const change = ({ registers }: Sketch) => {
        registers.fill(-1);
        registers[Register.status] = Status.running;
        registers[Register.pc] = 5;
        registers[Register.phase] = 0;
      };
      for (const { name } of opcodes) await play(name, { change });
    });

    it("keep unused scratch as it is", async () => {
      const buffer = new Uint8Array(64).fill(0xee);
      const { registers } = await play("i32.add", { operands: [1, 2], buffer });
      expect(registers[Register.buffer]).toBe(0xeeeeeeee | 0);
    });
  });
});

function fromKeccak(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.from(keccak256(toHex(bytes)).slice(2), "hex"));
}
