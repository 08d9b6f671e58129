import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { typeR } from "./support/encode.ts";
import { floatOperand } from "./support/floatFamilies.ts";
import { encodings } from "./support/instructionTable.ts";
import { Random } from "./support/random.ts";
import { dataAt, Single } from "./support/single.ts";

const isFloat = (operation: string) => ["FLOAT", "FLW", "FLD", "FSW", "FSD"].includes(operation);
const floats = encodings.filter(({ operation }) => isFloat(operation));
const registers = (5 << 7) | (6 << 15);
/** 16-bit forms: c.fld, c.fsd, c.fldsp, c.fsdsp. */
const compressed = [0x2000, 0xa000, 0x2002, 0xa002];
const status = 0x6000n;

describe("mstatus.FS", () => {
  it("off makes every float instruction illegal", () => {
    const single = new Single();
    for (const { name, match } of floats) {
      single.execute((match | registers) >>> 0, (machine) => machine.set("mstatus", 0n));
      expect({ name, cause: single.machine.get("mcause") }).toEqual({ name, cause: 2n });
    }
    for (const half of compressed) {
      single.execute(half, (machine) => machine.set("mstatus", 0n));
      expect([half, single.machine.get("mcause"), single.machine.get("mtval")]).toEqual([half, 2n, BigInt(half)]);
    }
  });

  it("becomes dirty with what writes a float register or may set a flag, and with nothing else", () => {
    const single = new Single();
    for (const { name, match } of floats) {
      single.execute((match | registers) >>> 0, (machine) => machine.set("mstatus", 0x2000n));
      const clean = /^(fs[wd]$|fmv\.x|fclass)/.test(name);
      const { machine } = single;
      expect({ name, cause: machine.get("mcause"), fs: machine.get("mstatus") & status }).toEqual({
        name,
        cause: 0n,
        fs: clean ? 0x2000n : status,
      });
    }
  });

  it("is no matter to instructions without floats", () => {
    const single = new Single();
    for (const { name, match, operation } of encodings) {
      if (isFloat(operation) || operation === "SYSTEM") continue;
      single.execute((match | registers) >>> 0, (machine) => machine.set("mstatus", 0n));
      expect({ name, cause: single.machine.get("mcause") }).toEqual({ name, cause: 0n });
    }
  });
});

describe("a rounding mode", () => {
  it("that is dynamic is frm's, and a reserved one there makes the instruction illegal", () => {
    const single = new Single();
    for (const { name, match, rounds } of floats) {
      if (rounds !== true) continue;
      for (let mode = 0; mode < 8; mode++) {
        single.execute((match | registers | (7 << 12)) >>> 0, (machine) => machine.set("fcsr", BigInt(mode << 5)));
        const cause = mode < 5 ? 0n : 2n;
        expect({ name, mode, cause: single.machine.get("mcause") }).toEqual({ name, mode, cause });
      }
    }
  });
});

/** The engine's own floating point rounds to nearest, ties to even, as IEEE 754 has it. */
const singleBits = (value: number) => 0xffffffff00000000n | BigInt(new Uint32Array(Float32Array.of(value).buffer)[0]!);
const doubleBits = (value: number) => new BigUint64Array(Float64Array.of(value).buffer)[0]!;
const formats = [
  {
    format: 0,
    round: Math.fround,
    canonical: 0xffffffff7fc00000n,
    number: (bits: bigint) => new Float32Array(BigUint64Array.of(bits).buffer)[0]!,
    bits: singleBits,
  },
  {
    format: 1,
    round: (value: number) => value,
    canonical: 0x7ff8000000000000n,
    number: (bits: bigint) => new Float64Array(BigUint64Array.of(bits).buffer)[0]!,
    bits: doubleBits,
  },
] as const;

const operations: readonly (readonly [string, number, (a: number, b: number) => number])[] = [
  ["fadd", 0, (a, b) => a + b],
  ["fsub", 1, (a, b) => a - b],
  ["fmul", 2, (a, b) => a * b],
  ["fdiv", 3, (a, b) => a / b],
  ["fsqrt", 0x0b, (a) => Math.sqrt(a)],
];

describe("rounded to nearest,", () => {
  for (const { format, round, canonical, number, bits } of formats) {
    it.each(operations)(
      `%s in ${format === 0 ? "single" : "double"} precision gives what the engine gives`,
      (name, funct5, compute) => {
        const random = new Random(seed);
        const single = new Single();
        const word = typeR(0x53, 0, (funct5 << 2) | format, 13, 11, funct5 === 0x0b ? 0 : 12);
        for (let i = 0; i < 3000; i++) {
          const [a, b] = [0, 1].map(() => floatOperand(random, format === 1)) as [bigint, bigint];
          if (format === 0 && (a >> 32n !== 0xffffffffn || b >> 32n !== 0xffffffffn)) continue;
          single.execute(word, ({ view }) => {
            view.setBigUint64(address.f + 8 * 11, a, true);
            view.setBigUint64(address.f + 8 * 12, b, true);
          });
          const exact = round(compute(number(a), number(b)));
          const expected = Number.isNaN(exact) ? canonical : bits(exact);
          const given = single.machine.view.getBigUint64(address.f + 8 * 13, true);
          if (given !== expected)
            expect.fail(
              `${name} of ${a.toString(16)} and ${b.toString(16)}: ${given.toString(16)}, expected ${expected.toString(16)} (seed ${seed})`,
            );
        }
      },
    );
  }
});

describe("a single in memory", () => {
  it("is boxed by flw, and fsw stores its low half whatever is above", () => {
    const single = new Single();
    const { machine } = single;
    single.execute(0x00002007 | (13 << 7) | (6 << 15));
    const stored = machine.view.getUint32(address.guest + dataAt + 64 * 6, true);
    expect(machine.view.getBigUint64(address.f + 8 * 13, true)).toBe(0xffffffff00000000n | BigInt(stored));
    single.execute(0x00002027 | (6 << 15) | (13 << 20), ({ view }) =>
      view.setBigUint64(address.f + 8 * 13, 0x0123456789abcdefn, true),
    );
    expect(machine.view.getUint32(address.guest + dataAt + 64 * 6, true)).toBe(0x89abcdef);
  });
});
