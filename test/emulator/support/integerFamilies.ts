import { buffer, type Family, free, pool, poolWindow, type Step, scratch } from "./differential.ts";
import { addi, branch, jal, ld, typeI, typeR, typeS } from "./encode.ts";
import { edgeValues, integerInstructions } from "./integerOracle.ts";
import type { Random } from "./random.ts";

export const any = (random: Random) => random.pick(free);
export const immediate = (random: Random) => random.below(4096) - 2048;

/** Random bits of all lengths, edges, and their neighbours. */
export function integerOperand(random: Random): bigint {
  const kind = random.below(4);
  if (kind === 0) return random.pick(edgeValues);
  if (kind === 1) return BigInt.asUintN(64, random.pick(edgeValues) + BigInt(random.below(7) - 3));
  const bits = random.bits64() >> BigInt(random.below(64));
  return kind === 2 ? bits : BigInt.asUintN(64, -bits);
}

/** Loads a register anew from the pool. */
function reload(random: Random): Step {
  const x = any(random);
  return { words: [ld(x, pool, 8 * random.below(poolWindow / 8))], results: [{ x }] };
}

const oneOf = (words: readonly number[], x: number): Step => ({ words, results: [{ x }] });

/** An instruction of the table of integer instructions, with operands loaded anew now and then. */
function fromTable(wanted: (name: string) => boolean) {
  const table = integerInstructions.filter(({ name }) => wanted(name));
  return (random: Random): Step[] => {
    const { encode, immediates } = random.pick(table);
    const [rd, rs1, rs2] = [any(random), any(random), random.below(12) === 0 ? 0 : any(random)];
    const shift = immediates !== undefined && immediates.length >= 32;
    const second = immediates === undefined ? rs2 : shift ? random.pick(immediates) : immediate(random);
    return [...(random.below(2) === 0 ? [reload(random)] : []), oneOf([encode(rd, rs1, second)], rd)];
  };
}

const isMultiplication = (name: string) => /^(mul|div|rem)/.test(name);

function upper(random: Random): Step[] {
  const rd = any(random);
  return [oneOf([(random.pick([0x37, 0x17]) | (rd << 7) | (random.below(1 << 20) << 12)) >>> 0], rd)];
}

/** Offsets so that eight bytes from there lie in the buffer. */
const place = (random: Random) => random.below(4088) - 2048;

function loadOrStore(random: Random): Step[] {
  const at = place(random);
  if (random.below(2) === 0) {
    const rd = any(random);
    return [oneOf([typeI(0x03, random.below(7), rd, buffer, at)], rd)];
  }
  const store = typeS(0x23, random.below(4), buffer, any(random), at);
  return [...(random.below(3) === 0 ? [reload(random)] : []), { words: [store], results: [{ memory: at }] }];
}

/** Aligned AMOs, and SC after LR or alone. */
function atomic(random: Random): Step[] {
  const size = random.pick([2, 3]);
  const memory = (random.below(256) - 128) * 8;
  const make = (operation: number, rd: number) =>
    typeR(0x2f, size, (operation << 2) | random.below(4), rd, scratch, operation === 2 ? 0 : any(random));
  const [rd, other, last] = [any(random), any(random), any(random)];
  const at = addi(scratch, buffer, memory + (size === 2 ? 4 * random.below(2) : 0));
  const operation = random.pick([0, 1, 2, 3, 4, 8, 12, 16, 20, 24, 28]);
  if (operation === 2) {
    // The second SC has no reservation left.
    const results = [{ x: rd }, { x: other }, { memory }, { x: last }];
    return [{ words: [at, make(2, rd), make(3, other), make(3, last)], results }];
  }
  return [reload(random), { words: [at, make(operation, rd)], results: [{ x: rd }, { memory }] }];
}

/** Branches over an instruction; both outcomes are common. */
function branches(random: Random): Step[] {
  const left = any(random);
  const right = random.below(3) === 0 ? left : any(random);
  const words = [branch(random.pick([0, 1, 4, 5, 6, 7]), left, right, 8), addi(left, right, immediate(random))];
  return [...(random.below(3) === 0 ? [reload(random)] : []), oneOf(words, left)];
}

/** Direct and indirect jumps over an instruction, odd targets too. */
function jumps(random: Random): Step[] {
  const rd = any(random);
  const other = any(random);
  const skipped = addi(other, other, 1);
  const results = [{ x: rd }, { x: other }];
  if (random.below(2) === 0) return [{ words: [jal(rd, 8), skipped], results }];
  const auipc = 0x17 | (scratch << 7);
  return [{ words: [auipc, typeI(0x67, 0, rd, scratch, 12 + random.below(2)), skipped], results }];
}

const either =
  (...makers: readonly ((random: Random) => Step[])[]) =>
  (random: Random) =>
    random.pick(makers)(random);

export const integerFamilies: readonly Family[] = [
  {
    name: "I: registers and immediates",
    steps: either(
      fromTable((name) => !isMultiplication(name)),
      fromTable((name) => !isMultiplication(name)),
      upper,
    ),
    operand: integerOperand,
  },
  {
    name: "I: loads, stores, jumps",
    steps: either(loadOrStore, loadOrStore, branches, jumps),
    operand: integerOperand,
  },
  { name: "M: products and quotients", steps: fromTable(isMultiplication), operand: integerOperand },
  { name: "A: atomics", steps: atomic, operand: integerOperand },
];
