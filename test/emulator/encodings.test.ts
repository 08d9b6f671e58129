import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { expandHalf } from "./support/compressedOracle.ts";
import { encodingOf, encodings } from "./support/instructionTable.ts";
import { base } from "./support/program.ts";
import { Random } from "./support/random.ts";
import { codeAt, Single } from "./support/single.ts";

const pc = BigInt(base + codeAt);
const isCsrAccess = (word: number) => (word & 0x7f) === 0x73 && ((word >> 12) & 3) !== 0;

/** Fails unless the word is taken as the table says: as an instruction, or as an illegal one with its bits in mtval. */
function expectLegality(single: Single, word: number): void {
  single.execute(word);
  const illegal = single.machine.get("mcause") === 2n;
  const expected = encodingOf(word)?.name;
  if (illegal === (expected === undefined)) {
    if (illegal) expect(single.machine.get("mtval")).toBe(BigInt(word));
    return;
  }
  expect.fail(
    `${word.toString(16)} is ${expected ?? "reserved"}, and was ${illegal ? "illegal" : "executed"} (seed ${seed})`,
  );
}

describe("the table of instructions", () => {
  it("names every operation that the emulator decodes to, and no other", () => {
    const source = readFileSync(new URL("../../src/emulator/assembly/operations.ts", import.meta.url), "utf8");
    const names = source.slice(source.indexOf("{"), source.indexOf("}")).replace(/\/\*\*.*?\*\//gs, "");
    const operations = new Set(names.match(/[A-Z_]+/g));
    const variants = ["J", "JAL_FAR", "BRANCH_FAR", "LOAD_NOWHERE", "LD_LD", "SD_SD", "ADDI_ADDI"];
    for (const name of ["UNDECODED", "ILLEGAL", ...variants]) expect(operations.delete(name)).toBe(true);
    expect([...new Set(encodings.map(({ operation }) => operation))].sort()).toEqual([...operations].sort());
  });

  it("has encodings of which no two overlap", () => {
    for (const a of encodings) {
      for (const b of encodings) {
        if (a !== b && ((a.match ^ b.match) & a.mask & b.mask) === 0) expect.fail(`${a.name} and ${b.name}`);
      }
    }
  });
});

describe("of all 32-bit encodings", () => {
  it("those of the table are executed and the others illegal: every opcode, funct3 and funct7", () => {
    const random = new Random(seed);
    const single = new Single();
    for (let opcode = 3; opcode < 128; opcode += 4) {
      for (let rest = 0; rest < 1 << 10; rest++) {
        const fixed = opcode | ((rest & 7) << 12) | ((rest >> 3) << 25);
        const rs2 = [0x53, 0x2f, 0x73].includes(opcode) ? [0, 1, 2, 3, 4, 5, random.below(32)] : [random.below(32)];
        for (const number of rs2) {
          const word = (fixed | (random.below(32) << 7) | (random.below(32) << 15) | (number << 20)) >>> 0;
          if (!isCsrAccess(word)) expectLegality(single, word);
        }
      }
    }
  });

  it("those one bit away from an instruction are what they are in the table", () => {
    const random = new Random(seed);
    const single = new Single();
    for (const { mask, match } of encodings) {
      for (let bit = 0; bit < 32; bit++) {
        for (let i = 0; i < 4; i++) {
          const free = Number(random.bits64() & 0xffffffffn) & ~mask;
          const word = ((match | free) ^ (i === 0 ? 0 : 1 << bit)) >>> 0;
          if ((word & 3) === 3 && !isCsrAccess(word)) expectLegality(single, word);
        }
      }
    }
  });
});

describe("every 16-bit encoding", () => {
  it("does what the 32-bit instruction does that it stands for, or is illegal", () => {
    const single = new Single();
    const { machine } = single;
    const outcome = (word: number, zero: boolean) => {
      single.execute(word, (fresh) => {
        if (zero) for (let i = 8; i < 16; i++) fresh.view.setBigUint64(address.x + 8 * i, 0n, true);
      });
      const trap = [machine.get("mcause"), machine.get("mtval"), machine.get("mepc")];
      return { pc: machine.pc(), trap, fcsr: machine.get("fcsr"), state: single.state(), link: machine.x(1) };
    };
    for (let half = 0; half < 1 << 16; half++) {
      if ((half & 3) === 3) continue;
      const word = expandHalf(half);
      const isBranch = word !== undefined && (word & 0x7f) === 0x63;
      for (const zero of isBranch ? [false, true] : [false]) {
        const short = outcome(half, zero);
        if (word === undefined) {
          expect({ half, trap: short.trap }).toEqual({ half, trap: [2n, BigInt(half), pc] });
          continue;
        }
        const long = outcome(word, zero);
        const jumps = (word & 0x7f) === 0x6f || (isBranch && ((word >> 12) & 1) === (zero ? 0 : 1));
        const links = (word & 0xfff) === 0x0e7;
        // What falls through goes on two bytes earlier, and c.jalr links there.
        if (!jumps && long.pc === pc + 4n) long.pc -= 2n;
        if (links) {
          new DataView(long.state.buffer, long.state.byteOffset).setBigUint64(8, long.link - 2n, true);
          long.link -= 2n;
        }
        if (Buffer.compare(short.state, long.state) !== 0)
          expect.fail(`${half.toString(16)}: registers or memory differ`);
        const { state: _, ...shortRest } = short;
        const { state: __, ...longRest } = long;
        expect({ half: half.toString(16), ...shortRest }).toEqual({ half: half.toString(16), ...longRest });
      }
    }
  });
});
