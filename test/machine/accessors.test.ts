import { keccak_256 } from "@noble/hashes/sha3.js";
import { beforeAll, describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { headerBytes, leafBytes } from "../../src/machine/layout.ts";
import { opcodes } from "../../src/machine/opcodes.ts";
import { recordStep } from "../../src/machine/recording.ts";
import { Register } from "../../src/machine/registers.ts";
import { replayStep, verifyStep } from "../../src/machine/replaying.ts";
import { cloneState, type MachineState } from "../../src/machine/state.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import { step } from "../../src/machine/step/step.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { fullRoot } from "../support/fullRoot.ts";
import { RandomWords, randomState } from "../support/randomState.ts";
import { seed } from "../support/seed.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

const keccak = (bytes: Uint8Array) => kernel.hash(bytes);

/** Executes one step three ways and requires one outcome. */
function stepThreeWays(state: MachineState, tree: StateTree) {
  const direct = cloneState(state);
  step(direct);
  const before = tree.root();
  const recorded = recordStep(state, tree);
  tree.update();
  const after = tree.root();
  expect(state.registers).toEqual(direct.registers);
  expect(state.stack).toEqual(direct.stack);
  expect(state.globals).toEqual(direct.globals);
  expect(Buffer.compare(state.memory, direct.memory)).toBe(0);
  expect(verifyStep(before, recorded.witness, keccak)).toBe(after);
  return { before, after, ...recorded };
}

describe("a step", () => {
  it.each(opcodes.map(({ name, number }) => [name, number] as const))(
    "of %s on any state has one outcome, direct, recorded and replayed",
    (_, number) => {
      for (let i = 0; i < 12; i++) {
        const state = randomState(seed + 1000 * number + i, i % 3, number);
        const tree = new StateTree(kernel, state);
        const first = stepThreeWays(state, tree);
        if (i === 0) expect(first.after).toBe(fullRoot(state));
        if (state.registers[Register.phase] === 1) stepThreeWays(state, tree);
      }
    },
  );

  it("of any code on any state never throws, and its root is that of the whole state", () => {
    for (let i = 0; i < 150; i++) {
      const state = randomState(seed + i, i % 4);
      const tree = new StateTree(kernel, state);
      for (let steps = 0; steps < 6 && state.running; steps++) stepThreeWays(state, tree);
      if (i % 10 === 0) expect(tree.root()).toBe(fullRoot(state));
    }
  });

  it("touches at most two stack leaves and one of each other tree", () => {
    for (let i = 0; i < 300; i++) {
      const state = randomState(seed + i, 1, opcodes[i % opcodes.length]!.number);
      const { leaves } = recordStep(state, new StateTree(kernel, state));
      for (const tree of ["stack", "globals", "table", "code", "memory"] as const) {
        const count = leaves.filter((leaf) => leaf.tree === tree).length;
        expect(count).toBeLessThanOrEqual(tree === "stack" ? 2 : 1);
      }
    }
  });
});

describe("a witness", () => {
  function sample(): { root: `0x${string}`; after: string; witness: Uint8Array }[] {
    return ["i32.add", "i64.store", "call_indirect", "global.set", "memory.copy", "return"].map((name) => {
      const { number } = opcodes.find((opcode) => opcode.name === name)!;
      for (let i = 0; ; i++) {
        const state = randomState(seed + i, 1, number);
        const tree = new StateTree(kernel, state);
        const root = tree.root();
        const { witness } = recordStep(state, tree);
        tree.update();
        if (state.registers[Register.trapCode] === 0) return { root, after: tree.root(), witness };
      }
    });
  }

  it("with any byte flipped is refused", () => {
    const random = new RandomWords(seed);
    for (const { root, witness } of sample()) {
      for (let at = 0; at < witness.length; at++) {
        const flipped = witness.slice();
        flipped[at]! ^= 1 + random.below(255);
        expect(refusal(() => verifyStep(root, flipped, keccak))).toBe("machine/root-mismatch");
      }
    }
  });

  it("cut short at any byte, or longer, is refused", () => {
    for (const { root, witness } of sample()) {
      for (let length = 0; length < witness.length; length += length < headerBytes ? 37 : 1) {
        expect(refusal(() => verifyStep(root, witness.slice(0, length), keccak))).toBe("machine/witness-too-short");
      }
      const longer = new Uint8Array(witness.length + 1);
      longer.set(witness);
      expect(refusal(() => verifyStep(root, longer, keccak))).toBe("machine/witness-too-long");
    }
  });

  it("of another state is refused", () => {
    const [first, second] = sample();
    expect(refusal(() => verifyStep(second!.root, first!.witness, keccak))).toBe("machine/root-mismatch");
  });

  it("tells what it did: the registers, and what it touched as it was and as it is", () => {
    const { number } = opcodes.find(({ name }) => name === "i32.add")!;
    const state = randomState(seed, 1, number);
    Object.assign(state.registers, { [Register.status]: 1, [Register.phase]: 0, [Register.sp]: 8 });
    state.setSlot(6, 3, 0);
    state.setSlot(7, 4, 0);
    const tree = new StateTree(kernel, state);
    const root = tree.root();
    const pc = state.registers[Register.pc]!;
    const { witness } = recordStep(state, tree);
    const replayed = replayStep(root, witness, keccak);
    expect(replayed.registers.before[Register.pc]).toBe(pc);
    expect(replayed.registers.after).toEqual(state.registers);
    const low = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
    const touched = replayed.touched.map(({ tree, index, before, after }) => [tree, index, low(before), low(after)]);
    expect(touched[0]!.slice(0, 2)).toEqual(["code", pc]);
    expect(touched.slice(1).sort()).toEqual([
      ["stack", 6, 3, 7],
      ["stack", 7, 4, 4],
    ]);
  });

  it("is checked with whatever keccak there is", () => {
    for (const { root, after, witness } of sample()) expect(verifyStep(root, witness, keccak_256)).toBe(after);
  });

  it("shows a second stack leaf with the siblings below the meeting of the paths only", () => {
    const { number } = opcodes.find(({ name }) => name === "i32.add")!;
    const state = randomState(seed, 1, number);
    state.registers[Register.status] = 1;
    state.registers[Register.phase] = 0;
    state.registers[Register.sp] = 17;
    const { witness, leaves } = recordStep(state, new StateTree(kernel, state));
    expect(leaves.map(({ tree, leaf }) => [tree, leaf])).toEqual([
      ["code", 0],
      ["stack", 1],
      ["stack", 0],
    ]);
    expect(witness.length).toBe(headerBytes + 3 * leafBytes + 32 * (20 + 9 + 0));
  });
});

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isAssayError(error)) return error.code;
    throw error;
  }
  return "none";
}
