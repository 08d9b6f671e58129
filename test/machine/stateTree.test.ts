import { beforeAll, describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { run } from "../../src/machine/interpreter.ts";
import { headerBytes, leafBytes } from "../../src/machine/layout.ts";
import { startState } from "../../src/machine/program.ts";
import { recordStep } from "../../src/machine/recording.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { verifyStep } from "../../src/machine/replaying.ts";
import { cloneState } from "../../src/machine/state.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import { resume } from "../../src/machine/step/ending.ts";
import { climb, decodeHeader, hashPair, headerRoot } from "../../src/machine/witness.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { fullRoot } from "../support/fullRoot.ts";
import { textModule } from "../support/textModule.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});
const keccak = (bytes: Uint8Array) => kernel.hash(bytes);

/** Each tick walks over memory by copies, fills and unaligned stores, calls, and halts in the third. */
const program = loadClaimable(
  textModule(`(module (memory (export "memory") 2 2) (global $tick (mut i64) (i64.const 0)) (table 2 funcref)
    (elem (i32.const 0) $low $high)
    (func $low (param i32) (result i32) (i32.and (local.get 0) (i32.const 0xffff)))
    (func $high (param i32) (result i32) (i32.shr_u (local.get 0) (i32.const 16)))
    (func (export "tick") (result i32) (local $i i32) (local $x i32)
      (global.set $tick (i64.add (global.get $tick) (i64.const 0x100000001)))
      (local.set $x (i32.wrap_i64 (global.get $tick)))
      (memory.fill (i32.const 100) (local.get $x) (i32.const 700))
      (loop $again
        (local.set $x (i32.mul (i32.add (local.get $x) (i32.const 12345)) (i32.const 1103515245)))
        (i64.store offset=3
          (call_indirect (param i32) (result i32) (local.get $x) (i32.and (local.get $i) (i32.const 1)))
          (i64.extend_i32_s (local.get $x)))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40))))
      (memory.copy (i32.const 65000) (i32.const 64901) (i32.const 300))
      (i64.gt_u (global.get $tick) (i64.const 0x200000002))))`),
);

describe("the trees of a state", () => {
  it("follow a run by what it touched, to the root of the whole", () => {
    const state = startState(program);
    const tree = new StateTree(kernel, state);
    expect(tree.root()).toBe(fullRoot(state));
    for (let tick = 0; tick < 3; tick++) {
      resume(state.registers);
      while (run(state, 401) > 0) {
        tree.update();
        expect(tree.root()).toBe(fullRoot(state));
      }
    }
    expect(state.registers[Register.status]).toBe(Status.halted);
  });

  it("prove every step of a tick", () => {
    const state = startState(program);
    resume(state.registers);
    const direct = cloneState(state);
    const tree = new StateTree(kernel, state);
    let root = tree.root();
    for (let steps = 0; state.running; steps++) {
      const { witness } = recordStep(state, tree);
      run(direct, 1);
      tree.update();
      expect(verifyStep(root, witness, keccak)).toBe(tree.root());
      root = tree.root();
      if (steps % 200 === 0) expect(fullRoot(direct)).toBe(root);
    }
    expect(fullRoot(direct)).toBe(root);
  });

  it("are adopted where they are known", () => {
    const state = startState(program);
    const first = new StateTree(kernel, state);
    const [code, table, memory] = (["code", "table", "memory"] as const).map((name) => first.treeOf(name));
    const second = new StateTree(kernel, cloneState(state), { code: code!, table: table!, memory: memory! });
    expect(second.root()).toBe(first.root());
  });

  it("show registers and result record against the root", () => {
    const state = startState(program);
    state.memory.set([1, 2, 3, 4], 0);
    const tree = new StateTree(kernel, state);
    const proof = tree.resultProof();
    expect(proof.length).toBe(headerBytes + leafBytes + 25 * 32);
    const header = decodeHeader(proof);
    expect(toHex(headerRoot(header, keccak))).toBe(tree.root());
    const leaf = proof.slice(headerBytes, headerBytes + leafBytes);
    const siblings = Array.from({ length: 25 }, (_, i) => proof.slice(headerBytes + leafBytes + 32 * i).slice(0, 32));
    expect(climb(keccak(leaf), 0, siblings, keccak)).toEqual(header.roots.memory);
    const left = hashPair(keccak(header.registers), header.roots.stack, keccak);
    expect(toHex(hashPair(left, fromHex(tree.rest()), keccak))).toBe(tree.root());
  });
});
