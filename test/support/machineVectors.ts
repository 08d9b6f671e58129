/**
 * What both languages are held to: zero roots, registers leaves, state roots and steps with their witnesses.
 * `scripts/generateVectors.ts` writes them to `test/vectors/machine.json`; a test says when that file is stale.
 */
import { type Hex, type Root, toHex } from "../../src/core/bytes.ts";
import { bytesOf } from "../../src/machine/leaves.ts";
import { opcodes } from "../../src/machine/opcodes.ts";
import { recordStep } from "../../src/machine/recording.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { cloneState, MachineState, newArrays } from "../../src/machine/state.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import { resume } from "../../src/machine/step/ending.ts";
import type { Hasher } from "../../src/merkle/hasher.ts";
import { zeroRoots } from "../../src/merkle/zeroRoots.ts";
import { randomState } from "./randomState.ts";

export interface MachineVectors {
  /** By depth: root of a tree of 2^depth all-zero leaves. */
  readonly zeroRoots: readonly Root[];
  readonly states: readonly StateVector[];
  readonly steps: readonly StepVector[];
}

export interface StateVector {
  readonly name: string;
  readonly registers: Hex;
  readonly registersHash: Root;
  readonly stackRoot: Root;
  readonly rest: Root;
  readonly root: Root;
  /** Root after `resume`. */
  readonly resumed: Root;
}

export interface StepVector {
  readonly name: string;
  readonly root: Root;
  readonly witness: Hex;
  readonly postRoot: Root;
  /** Status and trap code after the step. */
  readonly status: number;
  readonly trapCode: number;
}

const maxDepth = 25;

export function machineVectors(hasher: Hasher): MachineVectors {
  return {
    zeroRoots: zeroRoots(hasher, maxDepth).map((root) => toHex(root)),
    states: states().map(([name, state]) => stateVector(hasher, name, state)),
    steps: stepped.map((name, i) => stepVector(hasher, name, 77 + i)),
  };
}

function states(): [string, MachineState][] {
  const empty = new MachineState(newArrays({ memoryPages: 0, tableSize: 0, code: new Int32Array(0) }));
  const ready = randomState(5, 1, 0x6a);
  ready.registers.fill(0, Register.phase);
  ready.registers[Register.status] = Status.yielded;
  const odd = randomState(6, 1);
  odd.registers[Register.status] = 7;
  return [
    ["empty", empty],
    ["ready", ready],
    ["of unknown status", odd],
  ];
}

function stateVector(hasher: Hasher, name: string, state: MachineState): StateVector {
  const tree = new StateTree(hasher, state);
  const after = cloneState(state);
  resume(after.registers);
  const registers = bytesOf(state.registers);
  return {
    name,
    registers: toHex(registers),
    registersHash: toHex(hasher.hash(registers)),
    stackRoot: toHex(tree.header().roots.stack),
    rest: tree.rest(),
    root: tree.root(),
    resumed: new StateTree(hasher, after).root(),
  };
}

/** One step for each shape of witness and each kind of ending. */
const stepped = [
  "unreachable",
  "jump_if",
  "jump_table",
  "return",
  "move",
  "memory.copy",
  "memory.fill",
  "call",
  "call_indirect",
  "select",
  "local.tee",
  "global.get",
  "global.set",
  "i64.load",
  "i32.store16",
  "memory.grow",
  "i64.const",
  "i32.rem_s",
  "i64.mul",
  "i64.extend32_s",
];

/** The first random state from `seed` on in which the instruction does what it is for. */
function stepVector(hasher: Hasher, name: string, seed: number): StepVector {
  const { number } = opcodes.find((opcode) => opcode.name === name)!;
  for (let i = seed; ; i++) {
    const state = randomState(i, 1, number);
    if (!state.running) continue;
    const tree = new StateTree(hasher, state);
    const root = tree.root();
    const { witness } = recordStep(state, tree);
    const [status, trapCode] = [state.registers[Register.status]!, state.registers[Register.trapCode]!];
    if (trapCode !== (name === "unreachable" ? 1 : 0)) continue;
    tree.update();
    return { name, root, witness: toHex(witness), postRoot: tree.root(), status, trapCode };
  }
}
