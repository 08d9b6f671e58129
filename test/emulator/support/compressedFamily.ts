import { buffer, type Family, free, type Observed, pool, poolWindow, type Step, scratch } from "./differential.ts";
import { addi, fld, ld } from "./encode.ts";
import { integerOperand } from "./integerFamilies.ts";
import type { Random } from "./random.ts";

/** 16-bit instructions of every form, as their encodings in the unprivileged ISA's chapter "RVC" lay the bits. */

const bits = (value: number, from: number, count: number, to: number) => ((value >> from) & ((1 << count) - 1)) << to;
const small = (random: Random) => 8 + random.below(8);
const prime = (register: number) => register - 8;
/** Any free register; x0 as a destination is a hint. */
const any = (random: Random) => random.pick(free);

interface Half {
  readonly half: number;
  readonly results: readonly Observed[];
}

const ci = (quadrant: number, funct3: number, rd: number, value: number) =>
  quadrant | (funct3 << 13) | (rd << 7) | bits(value, 0, 5, 2) | bits(value, 5, 1, 12);

/** Forms on registers and immediates. */
const arithmetic: readonly ((random: Random) => Half)[] = [
  // c.addi4spn: x2 is the buffer.
  (random) => {
    const [rd, value] = [small(random), 4 * (1 + random.below(255))];
    const half =
      (prime(rd) << 2) | bits(value, 2, 1, 6) | bits(value, 3, 1, 5) | bits(value, 4, 2, 11) | bits(value, 6, 4, 7);
    return { half, results: [{ x: rd }] };
  },
  // c.addi, c.addiw, c.li, c.lui, c.slli.
  (random) => {
    const [rd, value] = [any(random), random.below(64)];
    const [quadrant, funct3] = random.pick([
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 0],
    ] as const);
    return { half: ci(quadrant, funct3, rd, funct3 === 3 && value === 0 ? 1 : value), results: [{ x: rd }] };
  },
  // c.srli, c.srai, c.andi.
  (random) => {
    const rd = small(random);
    return { half: ci(1, 4, prime(rd) | (random.below(3) << 3), random.below(64)), results: [{ x: rd }] };
  },
  // c.sub, c.xor, c.or, c.and, c.subw, c.addw.
  (random) => {
    const [rd, form] = [small(random), random.below(6)];
    const half = 0x8c01 | (prime(rd) << 7) | (prime(small(random)) << 2) | ((form & 3) << 5) | (form > 3 ? 0x1000 : 0);
    return { half, results: [{ x: rd }] };
  },
  // c.mv, c.add.
  (random) => {
    const rd = any(random);
    return { half: 2 | (4 << 13) | (random.below(2) << 12) | (rd << 7) | (any(random) << 2), results: [{ x: rd }] };
  },
];

/** c.lw, c.ld, c.fld, c.sw, c.sd, c.fsd on the address in `base`, one of x8..x15, which is `memory` into the buffer. */
function onMemory(random: Random, base: number, memory: number): Half {
  const funct3 = random.pick([1, 2, 3, 5, 6, 7]);
  const double = funct3 !== 2 && funct3 !== 6;
  const at = double ? 8 * random.below(32) : 4 * random.below(32);
  const place = double
    ? bits(at, 3, 3, 10) | bits(at, 6, 2, 5)
    : bits(at, 2, 1, 6) | bits(at, 3, 3, 10) | bits(at, 6, 1, 5);
  let register = small(random);
  if (register === base) register = base === 15 ? 8 : base + 1;
  const half = (funct3 << 13) | (prime(base) << 7) | (prime(register) << 2) | place;
  return { half, results: [funct3 > 4 ? { memory: memory + at } : funct3 === 1 ? { f: register } : { x: register }] };
}

/** c.lwsp, c.ldsp, c.fldsp, c.swsp, c.sdsp, c.fsdsp: x2 is the buffer. */
function onStack(random: Random): Half {
  const funct3 = random.pick([1, 2, 3, 5, 6, 7]);
  const double = funct3 !== 2 && funct3 !== 6;
  const at = double ? 8 * random.below(64) : 4 * random.below(64);
  if (funct3 > 4) {
    const register = funct3 === 5 ? random.below(32) : any(random);
    const place = double ? bits(at, 3, 3, 10) | bits(at, 6, 3, 7) : bits(at, 2, 4, 9) | bits(at, 6, 2, 7);
    return { half: 2 | (funct3 << 13) | place | (register << 2), results: [{ memory: at }] };
  }
  const register = funct3 === 1 ? random.below(32) : any(random);
  const place = double ? bits(at, 3, 2, 5) | bits(at, 6, 3, 2) : bits(at, 2, 3, 4) | bits(at, 6, 2, 2);
  const half = 2 | (funct3 << 13) | bits(at, 5, 1, 12) | place | (register << 7);
  return { half, results: [funct3 === 1 ? { f: register } : { x: register }] };
}

const pair = (first: number, second: number) => (first | (second << 16)) >>> 0;
const plain = (random: Random) => (random.below(3) === 0 ? onStack(random) : random.pick(arithmetic)(random));

/** c.beqz, c.bnez, c.j, c.jr, c.jalr over the second half of their word. */
function jump(random: Random): Step {
  const rd = any(random);
  const second = ci(1, 0, rd, 1);
  const kind = random.below(5);
  // A distance of 4 has bit 2: instruction bit 4 in CB, bit 5 in CJ (with bit 2 of the offset at 4).
  if (kind < 2) {
    const half = 1 | ((6 + kind) << 13) | (prime(small(random)) << 7) | (1 << 4);
    return { words: [pair(half, second)], results: [{ x: rd }] };
  }
  if (kind === 2) return { words: [pair(1 | (5 << 13) | (1 << 4), second)], results: [{ x: rd }] };
  // c.jalr links x1, which is the results' address: it is kept in the scratch register meanwhile, and the link observed.
  const target = any(random);
  const auipc = 0x17 | (target << 7);
  const half = 2 | (4 << 13) | ((kind - 3) << 12) | (target << 7);
  const words = [
    addi(scratch, 1, 0),
    auipc,
    addi(target, target, 12),
    pair(half, second),
    addi(target, 1, 0),
    addi(1, scratch, 0),
  ];
  return { words, results: [{ x: rd }, { x: target }] };
}

/** c.addi16sp there and back. */
function stackPointer(random: Random): Step {
  const value = 16 * (1 + random.below(31)) * random.pick([-1, 1]);
  const form = (by: number) =>
    0x6101 | bits(by, 4, 1, 6) | bits(by, 5, 1, 2) | bits(by, 6, 1, 5) | bits(by, 7, 2, 3) | bits(by, 9, 1, 12);
  const x = any(random);
  return { words: [pair(form(value), 1), addi(x, buffer, 0), pair(form(-value), 1)], results: [{ x }] };
}

function steps(random: Random): Step[] {
  switch (random.below(5)) {
    case 0: {
      const x = any(random);
      const f = random.below(32);
      const at = () => 8 * random.below(poolWindow / 8);
      return [{ words: [ld(x, pool, at()), fld(f, pool, at())], results: [{ x }, { f }] }];
    }
    case 1:
      return [jump(random)];
    case 4:
      return [stackPointer(random)];
    case 2: {
      const base = small(random);
      const memory = random.below(1500) - 1500;
      const { half, results } = onMemory(random, base, memory);
      return [{ words: [addi(base, buffer, memory), pair(half, 1)], results }];
    }
    default: {
      const [first, second] = [plain(random), plain(random)];
      return [{ words: [pair(first.half, second.half)], results: [...first.results, ...second.results] }];
    }
  }
}

export const compressedFamily: Family = { name: "C: every 16-bit form", steps, operand: integerOperand };
