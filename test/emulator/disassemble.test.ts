import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expandCompressed } from "../../src/emulator/riscv/compressed.ts";
import { disassembleGuest } from "../../src/emulator/riscv/disassemble.ts";
import { instructionOf } from "../../src/emulator/riscv/instructionSet.ts";
import { csrName } from "../../src/emulator/riscv/names.ts";
import { seed } from "../support/seed.ts";
import { expandHalf } from "./support/compressedOracle.ts";
import { encodingOf, encodings } from "./support/instructionTable.ts";
import { Random } from "./support/random.ts";

const objdump = "riscv64-linux-gnu-objdump";
const haveObjdump = spawnSync(objdump, ["--version"]).status === 0;
const base = 0x8000_0000;

/** Words of every instruction, whose other bits are chance. */
function words(random: Random, each: number): number[] {
  return encodings.flatMap(({ mask, match }) =>
    Array.from({ length: each }, () => (match | (Number(random.bits64() & 0xffffffffn) & ~mask)) >>> 0),
  );
}

/** What objdump says of the words, one after the other from `base` on. */
function saidByObjdump(list: readonly number[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "assay-objdump-"));
  try {
    const file = join(folder, "code");
    writeFileSync(file, new Uint8Array(Uint32Array.from(list).buffer));
    const options = ["-D", "-b", "binary", "-m", "riscv:rv64", "-M", "no-aliases", `--adjust-vma=${base}`, file];
    const text = execFileSync(objdump, options, { encoding: "utf8", maxBuffer: 1 << 28 });
    return [...text.matchAll(/^\s*[0-9a-f]+:\t[0-9a-f]+\s+\t([^\n]*)$/gm)].map(([, said]) => said!);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a RISC-V instruction in words", () => {
  it("has the name of the table of instructions, whatever its other bits", () => {
    const random = new Random(seed);
    const chance = Array.from({ length: 20_000 }, () => Number(random.bits64() & 0xffffffffn) | 3);
    for (const word of [...words(random, 20), ...chance]) {
      const expected = encodingOf(word >>> 0)
        ?.name.replace(/^fmv\.x\.s$/, "fmv.x.w")
        .replace(/^fmv\.s\.x$/, "fmv.w.x");
      if (instructionOf(word)?.name !== expected)
        expect.fail(`${(word >>> 0).toString(16)} is ${expected}, seed ${seed}`);
    }
  });

  it("of 16 bits is the one of 32 that it stands for, of all there are", () => {
    for (let half = 0; half < 1 << 16; half++) {
      if ((half & 3) === 3) continue;
      const expected = expandHalf(half);
      const given = expandCompressed(half);
      if (given !== (expected === 0 ? undefined : expected)) expect.fail(`${half.toString(16)}: ${given}, ${expected}`);
    }
  });

  it("that is none says so with its bits", () => {
    expect(disassembleGuest(0xffff_ffff, 0n)).toEqual({ text: "no instruction (0xffffffff)", bytes: 4 });
    expect(disassembleGuest(0xabcd_0000, 0n)).toEqual({ text: "no instruction (0x0)", bytes: 2 });
    expect(disassembleGuest(0xffff_4505, 0n)).toEqual({ text: "addi a0,zero,1", bytes: 2 });
  });

  it("names the target of a jump, before the beginning of memory and behind its end too", () => {
    expect(disassembleGuest(0xff1ff0ef, 0x80200000n).text).toBe("jal ra,0x801ffff0");
    expect(disassembleGuest(0x00000463, 0xffff_ffff_ffff_fffcn).text).toBe("beq zero,zero,0x4");
  });

  it.skipIf(!haveObjdump)("is what objdump says", () => {
    const random = new Random(seed);
    // Bits that objdump wants to be zero and that say nothing, and rounding modes of conversions that are exact.
    const fixed = (word: number) => {
      if ((word & 0x7f) === 0x0f) return word & ((word & 0x1000) === 0 ? 0x0ff0707f : 0x707f);
      return /^fcvt\.d\.(s|w|wu)$/.test(encodingOf(word)?.name ?? "") ? word & ~0x7000 : word;
    };
    const isNamed = (word: number) =>
      (word & 0x7f) !== 0x73 || ((word >> 12) & 7) === 0 || !csrName(word >>> 20).startsWith("0x");
    const list = words(random, 200)
      .map((word) => fixed(word) >>> 0)
      .filter((word) => encodingOf(word) !== undefined && isNamed(word));
    const said = saidByObjdump(list);
    expect(said).toHaveLength(list.length);
    const different = list.flatMap((word, i) => {
      const ours = disassembleGuest(word, BigInt(base + 4 * i)).text;
      const theirs = said[i]!.replace(/\s*[<#].*$/, "")
        .replace("\t", " ")
        .trim()
        .replace(/\b0x([0-9a-f]+)$/, "0x$1");
      return ours === theirs ? [] : [`${word.toString(16)}: ${ours} | ${theirs}`];
    });
    expect(different).toEqual([]);
  });
});
