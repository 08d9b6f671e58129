import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { branch, jal, typeI, typeR, typeS } from "./support/encode.ts";
import { edgeValues } from "./support/integerOracle.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";
import { Random } from "./support/random.ts";
import { codeAt, dataAt, Single } from "./support/single.ts";

const pc = BigInt(base + codeAt);
const all = (1n << 64n) - 1n;
const unsigned = (value: bigint) => BigInt.asUintN(64, value);
const signed = (value: bigint) => BigInt.asIntN(64, value);
const [rd, rs1, rs2] = [7, 8, 9];
const point = BigInt(base + dataAt + 512);

const single = new Single();
const { machine } = single;
/** Executes with two source registers. */
const execute = (word: number, a: bigint, b = 0n) =>
  single.execute(word, ({ view }) => {
    view.setBigUint64(address.x + 8 * rs1, a, true);
    view.setBigUint64(address.x + 8 * rs2, b, true);
  });
const memory = (size: number, at = point) => {
  let value = 0n;
  for (let i = 0; i < size; i++)
    value |= BigInt(machine.memory[address.guest + Number(at) - base + i]!) << BigInt(8 * i);
  return value;
};

describe("loads and stores", () => {
  it("take the bytes at the address, extended as they say, at every alignment", () => {
    for (let funct3 = 0; funct3 < 7; funct3++) {
      const size = 1 << (funct3 & 3);
      for (const offset of [...Array.from({ length: 16 }, (_, i) => i - 8), -2048, 2047]) {
        execute(typeI(0x03, funct3, rd, rs1, offset), point + 2048n - 512n);
        const value = memory(size, point + 2048n - 512n + BigInt(offset));
        const expected = funct3 > 3 ? value : unsigned(BigInt.asIntN(8 * size, value));
        expect({ funct3, offset, value: machine.x(rd) }).toEqual({ funct3, offset, value: expected });
      }
    }
  });

  it("put the low bytes there, and touch no others", () => {
    for (let funct3 = 0; funct3 < 4; funct3++) {
      const size = 1 << funct3;
      for (let offset = -8; offset < 8; offset++) {
        execute(0x13, point);
        const before = [memory(8, point + BigInt(offset - 8)), memory(8, point + BigInt(offset + size))];
        execute(typeS(0x23, funct3, rs1, rs2, offset), point, 0xfedc_ba98_7654_3210n);
        const at = point + BigInt(offset);
        expect(memory(size, at)).toBe(0xfedc_ba98_7654_3210n & ((1n << BigInt(8 * size)) - 1n));
        expect([memory(8, at - 8n), memory(8, at + BigInt(size))]).toEqual(before);
      }
    }
  });
});

describe("loads and stores of a page that the TLBs know", () => {
  const warm = [typeI(0x03, 0, 5, rs1, 0), typeS(0x23, 0, rs1, 6, 0)];
  /** Executes behind a load and a store of the page, in the same tick; the bytes around what rs1 names are `before`. */
  const afterMiss = (word: number, before: bigint, value = 0n) => {
    const x = { [rs1]: point, [rs2]: value };
    const warmed = boot(codeBytes([...warm, word, jal(0, 0)]), { eventsPerTick: 64, memory: 1 << 16, x });
    const at = address.guest + Number(point) - base;
    for (const offset of [8, 16, 24]) warmed.view.setBigUint64(at + offset, before, true);
    warmed.tick();
    const stored = [8, 16, 24].map((offset) => warmed.view.getBigUint64(at + offset, true));
    return { loaded: warmed.x(rd), stored };
  };

  it("extend and cut as all others do", () => {
    const before = 0x80a1_b2c3_d4e5_f697n;
    const value = 0x8192_a3b4_c5d6_e7f8n;
    for (let funct3 = 0; funct3 < 7; funct3++) {
      const bits = 8 << (funct3 & 3);
      const cut = BigInt.asUintN(bits, before);
      const { loaded } = afterMiss(typeI(0x03, funct3, rd, rs1, 16), before);
      expect({ funct3, loaded }).toEqual({ funct3, loaded: funct3 > 3 ? cut : unsigned(BigInt.asIntN(bits, before)) });
      if (funct3 > 3) continue;
      const { stored } = afterMiss(typeS(0x23, funct3, rs1, rs2, 16), before, value);
      const merged = ((before >> BigInt(bits)) << BigInt(bits)) | BigInt.asUintN(bits, value);
      expect({ funct3, stored }).toEqual({ funct3, stored: [before, merged, before] });
    }
  });
});

const operations: readonly (readonly [string, number, (a: bigint, b: bigint, bits: number) => bigint])[] = [
  ["amoadd", 0, (a, b) => a + b],
  ["amoswap", 1, (_, b) => b],
  ["amoxor", 4, (a, b) => a ^ b],
  ["amoor", 8, (a, b) => a | b],
  ["amoand", 12, (a, b) => a & b],
  ["amomin", 16, (a, b, bits) => (BigInt.asIntN(bits, a) < BigInt.asIntN(bits, b) ? a : b)],
  ["amomax", 20, (a, b, bits) => (BigInt.asIntN(bits, a) > BigInt.asIntN(bits, b) ? a : b)],
  ["amominu", 24, (a, b, bits) => (BigInt.asUintN(bits, a) < BigInt.asUintN(bits, b) ? a : b)],
  ["amomaxu", 28, (a, b, bits) => (BigInt.asUintN(bits, a) > BigInt.asUintN(bits, b) ? a : b)],
];

/** Executes an atomic instruction with `old` at the address in rs1 and `value` in rs2. */
const atomic = (funct3: number, funct7: number, old: bigint, value: bigint, source = rs2) =>
  single.execute(typeR(0x2f, funct3, funct7, rd, rs1, source), ({ view }) => {
    view.setBigUint64(address.x + 8 * rs1, point, true);
    view.setBigUint64(address.x + 8 * rs2, value, true);
    view.setBigUint64(address.guest + Number(point) - base, old, true);
  });

describe("atomic operations", () => {
  it.each(operations)("%s returns what was there, sign-extended, and stores the combination", (_, funct5, combine) => {
    for (const [funct3, size] of [
      [2, 4],
      [3, 8],
    ] as const) {
      const bits = 8 * size;
      let ordering = 0;
      for (const old of edgeValues) {
        for (const value of edgeValues) {
          // aq and rl in all combinations: for one hart they mean nothing.
          ordering = (ordering + 1) & 3;
          atomic(funct3, (funct5 << 2) | ordering, old, value);
          const high = size === 4 ? (old >> 32n) << 32n : 0n;
          expect([machine.x(rd), memory(8)]).toEqual([
            unsigned(BigInt.asIntN(bits, old)),
            high | BigInt.asUintN(bits, combine(old, value, bits)),
          ]);
        }
      }
    }
  });
});

describe("LR and SC", () => {
  it("load what is there, sign-extended, and store the low bits once", () => {
    for (const [funct3, size] of [
      [2, 4],
      [3, 8],
    ] as const) {
      const bits = 8 * size;
      let ordering = 0;
      for (const old of edgeValues) {
        for (const value of edgeValues) {
          ordering = (ordering + 1) & 3;
          atomic(funct3, (2 << 2) | ordering, old, value, 0);
          expect([machine.x(rd), memory(8)]).toEqual([unsigned(BigInt.asIntN(bits, old)), old]);
          atomic(funct3, (3 << 2) | ordering, old, value);
          const high = size === 4 ? (old >> 32n) << 32n : 0n;
          expect([machine.x(rd), memory(8)]).toEqual([0n, high | BigInt.asUintN(bits, value)]);
          atomic(funct3, (3 << 2) | ordering, old, value);
          expect([machine.x(rd), memory(8)]).toEqual([1n, old]);
        }
      }
    }
  });
});

describe("control flow", () => {
  it("branches when the comparison holds, to any distance, and goes on else", () => {
    const random = new Random(seed);
    const holds: readonly [number, (a: bigint, b: bigint) => boolean][] = [
      [0, (a, b) => a === b],
      [1, (a, b) => a !== b],
      [4, (a, b) => signed(a) < signed(b)],
      [5, (a, b) => signed(a) >= signed(b)],
      [6, (a, b) => a < b],
      [7, (a, b) => a >= b],
    ];
    for (const [funct3, test] of holds) {
      for (const a of edgeValues) {
        for (const b of edgeValues) {
          const offset = 2 * (random.below(4096) - 2048);
          execute(branch(funct3, rs1, rs2, offset), a, b);
          const to = pc + (test(a, b) ? BigInt(offset) : 4n);
          expect({ funct3, a, b, to: machine.pc() }).toEqual({ funct3, a, b, to });
        }
      }
    }
  });

  it("jumps and links, and builds addresses", () => {
    const random = new Random(seed);
    for (let i = 0; i < 500; i++) {
      const far = 2 * (random.below(1 << 20) - (1 << 19));
      execute(jal(rd, far), 0n);
      expect([machine.pc(), machine.x(rd)]).toEqual([pc + BigInt(far), pc + 4n]);
      const [target, offset] = [random.bits64(), random.below(4096) - 2048];
      execute(typeI(0x67, 0, rd, rs1, offset), target);
      expect([machine.pc(), machine.x(rd)]).toEqual([unsigned(target + BigInt(offset)) & (all - 1n), pc + 4n]);
      // The destination may be the source: the target is computed first.
      execute(typeI(0x67, 0, rs1, rs1, offset), target);
      expect([machine.pc(), machine.x(rs1)]).toEqual([unsigned(target + BigInt(offset)) & (all - 1n), pc + 4n]);
      const upper = random.below(1 << 20);
      const value = BigInt.asIntN(32, BigInt(upper) << 12n);
      execute((0x37 | (rd << 7) | (upper << 12)) >>> 0, 0n);
      expect(machine.x(rd)).toBe(unsigned(value));
      execute((0x17 | (rd << 7) | (upper << 12)) >>> 0, 0n);
      expect(machine.x(rd)).toBe(unsigned(pc + value));
    }
  });
});
