import { Op, opcodeOf } from "../../src/machine/opcodes.ts";
import type { LoweredFunction, MachineProgram } from "../../src/machine/program.ts";

const i32Add = 0x6a;
const i32Sub = 0x6b;

/** What a program pays with: a global from which it subtracts constants, at least one for each step it takes. */
export interface StepBound {
  /** Steps of one call beyond what it has paid for, at its end. */
  readonly unpaid: number;
  /** The same at any moment of the call. */
  readonly unpaidMoment: number;
  /** For every backward jump: its pc, and by how many steps one round is paid more than it needs. */
  readonly rounds: readonly { readonly pc: number; readonly excess: number }[];
}

interface Analysis extends StepBound {
  readonly function: LoweredFunction;
}

/**
 * Proves that every loop of `entry` and of all it calls pays for its steps, and computes what is left unpaid. A step is
 * paid by `global.get fuel; i32.const n; i32.sub; global.set fuel`; loads and stores wider than a byte count two steps, as
 * if they always straddled; memory.copy and memory.fill count none: the code before them pays by the size.
 * @throws Error naming the pc of a loop that pays too little
 */
export function proveStepBound(program: MachineProgram, entry: number, fuel: number): StepBound {
  const analyses = new Map<number, Analysis>();
  const byPc = new Map(program.functions.map((each) => [each.entryPc, each]));
  const analyse = (pc: number): Analysis => {
    const known = analyses.get(pc);
    if (known !== undefined) return known;
    const result = analyseFunction(program, byPc.get(pc)!, fuel, analyse);
    analyses.set(pc, result);
    return result;
  };
  const { unpaid, unpaidMoment } = analyse(program.functions[entry]!.entryPc);
  return { unpaid, unpaidMoment, rounds: [...analyses.values()].flatMap(({ rounds }) => rounds) };
}

function analyseFunction(
  program: MachineProgram,
  each: LoweredFunction,
  fuel: number,
  analyse: (pc: number) => Analysis,
): Analysis {
  const { entryPc, endPc } = each;
  const nodes = Array.from({ length: endPc - entryPc }, (_, i) => nodeAt(program.code, entryPc + i, fuel, analyse));
  const fromEntry = longestFrom(nodes, entryPc, entryPc, endPc);
  let unpaid = Number.NEGATIVE_INFINITY;
  let unpaidMoment = Number.NEGATIVE_INFINITY;
  const rounds: { pc: number; excess: number }[] = [];
  for (const [i, { next, weight, moment }] of nodes.entries()) {
    const before = fromEntry[i]!;
    if (before === Number.NEGATIVE_INFINITY) continue;
    unpaidMoment = Math.max(unpaidMoment, before + moment);
    if (next.length === 0) unpaid = Math.max(unpaid, before + weight);
    for (const target of next) {
      if (target > entryPc + i) continue;
      const around = longestFrom(nodes, entryPc, target, entryPc + i + 1)[i]! + weight;
      rounds.push({ pc: entryPc + i, excess: -around });
    }
  }
  return { unpaid, unpaidMoment, rounds, function: each };
}

interface Node {
  readonly next: readonly number[];
  /** Steps less payment. */
  readonly weight: number;
  /** Most steps less payment while it executes. */
  readonly moment: number;
}

function nodeAt(code: Int32Array, pc: number, fuel: number, analyse: (pc: number) => Analysis): Node {
  const word = (at: number) => ({ opcode: code[2 * at]! & 0xff, b: code[2 * at + 1]! });
  const { opcode, b } = word(pc);
  const plain = (next: readonly number[], weight = 1) => ({ next, weight, moment: Math.max(weight, 1) });
  switch (opcode) {
    case Op.jump:
      return plain([b]);
    case Op.jumpIf:
    case Op.jumpUnless:
      return plain([b, pc + 1]);
    case Op.jumpTable:
      return plain(Array.from({ length: b + 1 }, (_, i) => pc + 1 + i));
    case Op.return:
    case Op.unreachable:
      return plain([]);
    case Op.call: {
      const { unpaid, unpaidMoment } = analyse(b);
      return { next: [pc + 1], weight: 1 + unpaid, moment: 1 + Math.max(0, unpaidMoment) };
    }
    case Op.callIndirect:
      throw new Error(`call_indirect at ${pc} is not followed`);
    case Op.memoryCopy:
    case Op.memoryFill:
      return plain([pc + 1], 0);
    case Op.globalSet: {
      if (b !== fuel) return plain([pc + 1]);
      const [get, value, minus] = [word(pc - 3), word(pc - 2), word(pc - 1)];
      const isPlain = get.opcode === Op.globalGet && get.b === fuel && value.opcode === Op.i32Const;
      // Compilers turn the subtraction of 64 into the addition of -64.
      const paid = !isPlain ? 0 : minus.opcode === i32Sub ? value.b : minus.opcode === i32Add ? -value.b : 0;
      if (paid < 0) throw new Error(`fuel is given back at ${pc}`);
      return plain([pc + 1], 1 - paid);
    }
    default:
      return plain([pc + 1], opcodeOf[opcode]!.accessBytes > 1 ? 2 : 1);
  }
}

/** For every node from `start` to before `end`: the heaviest way from `start` to it, itself not counted. */
function longestFrom(nodes: readonly Node[], base: number, start: number, end: number): Float64Array {
  const before = new Float64Array(nodes.length).fill(Number.NEGATIVE_INFINITY);
  before[start - base] = 0;
  for (let round = 0; ; round++) {
    let changed = -1;
    for (let pc = start; pc < end; pc++) {
      const { next, weight } = nodes[pc - base]!;
      const after = before[pc - base]! + weight;
      for (const target of next) {
        if (target < start || target >= end || after <= before[target - base]!) continue;
        // The way back to the start would be a round: it is what the caller measures.
        if (target === start) {
          if (after > 0) throw new Error(`a loop from ${start} back at ${pc} pays ${after} steps too little`);
          continue;
        }
        before[target - base] = after;
        changed = pc;
      }
    }
    if (changed < 0) return before;
    if (round > nodes.length) throw new Error(`a loop around ${changed} pays too little`);
  }
}
