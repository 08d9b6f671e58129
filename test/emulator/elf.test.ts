import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { readElf } from "../../src/emulator/elf.ts";
import { runElf } from "../../src/emulator/runElf.ts";
import { seed } from "../support/seed.ts";
import { A0, ecall, jal, li, typeI } from "./support/encode.ts";
import { codeBytes, emulatorModule } from "./support/machines.ts";
import { base, toElf } from "./support/program.ts";
import { physical, virtual } from "./support/testEnvironments.ts";

const run = (file: Uint8Array, options = {}) => runElf(emulatorModule(), file, { guestSize: 1 << 20, ...options });
const codeOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return isAssayError(error) ? error.code : error;
  }
  return undefined;
};

describe("a bare-metal program", () => {
  it.each([0, 1, 3])("that reports success from mode %i of the physical environment gives 0", (mpp) => {
    expect(run(physical([...li(A0, 1), ecall], mpp)).exitCode).toBe(0n);
  });

  it("that reports a failing case gives its number", () => {
    expect(run(physical([...li(A0, 2 * 45 + 1), ecall], 0)).exitCode).toBe(45n);
  });

  it("that meets a trap nobody expects fails", () => {
    expect(run(physical([0, ecall], 0)).exitCode).toBe(BigInt(1337 >> 1));
  });

  it("runs in the virtual environment, with page faults, a console, and hardware A and D bits", () => {
    const result = run(virtual(77, 77));
    expect(result.exitCode).toBe(0n);
    expect(new TextDecoder().decode(result.console)).toBe("ok");
    expect(run(virtual(77, 78)).exitCode).toBe(5n);
  });

  it("is given up after the limit in ticks", () => {
    expect(codeOf(() => run(physical([jal(0, 0)], 3), { maxTicks: 3 }))).toBe("emulator/no-end");
  });

  it("sees `wfi` in machine mode as nothing", () => {
    expect(run(physical([0x10500073, ...li(A0, 1), ecall], 3)).exitCode).toBe(0n);
  });
});

describe("an ELF file", () => {
  const bytes = codeBytes([typeI(0x13, 0, 0, 0, 0)]);
  const good = toElf({ bytes }, { tohost: base + 0x1000, other: 7 });
  const changed = (at: number, value: number) => {
    const file = good.slice();
    file[at] = value;
    return file;
  };

  it("gives its entry, segments and the symbols asked for", () => {
    const elf = readElf(good, ["tohost", "missing"]);
    expect(elf.entry).toBe(BigInt(base));
    expect(elf.segments).toEqual([{ address: BigInt(base), bytes, size: 4n }]);
    expect([...elf.symbols]).toEqual([["tohost", BigInt(base + 0x1000)]]);
  });

  it.each([
    ["is empty", new Uint8Array(0), "emulator/bad-elf"],
    ["is a text", new TextEncoder().encode("#!/bin/sh\n".repeat(9)), "emulator/bad-elf"],
    ["has 32 bits", changed(4, 1), "emulator/unsupported-elf"],
    ["is big-endian", changed(5, 2), "emulator/unsupported-elf"],
    ["is for another processor", changed(18, 62), "emulator/unsupported-elf"],
    ["is position-independent", changed(16, 3), "emulator/unsupported-elf"],
    ["is cut off", good.subarray(0, 100), "emulator/bad-elf"],
    ["has nothing to load", changed(64, 2), "emulator/bad-elf"],
    ["has program headers beyond its end", changed(39, 1), "emulator/bad-elf"],
    ["has a segment beyond its end", changed(73, 0x20), "emulator/bad-elf"],
    ["has a segment that is smaller in memory", changed(104, 1), "emulator/bad-elf"],
    ["has section headers beyond its end", changed(60, 200), "emulator/bad-elf"],
    ["has a segment outside of guest memory", changed(92, 1), "emulator/does-not-fit"],
    ["has a segment larger than guest memory", changed(110, 1), "emulator/does-not-fit"],
    ["has no tohost", toElf({ bytes }, { other: base }), "emulator/no-tohost"],
    ["has no symbols", toElf({ bytes }), "emulator/no-tohost"],
    ["has tohost outside of guest memory", toElf({ bytes }, { tohost: 0x1000 }), "emulator/no-tohost"],
  ])("that %s is refused", (_, file, code) => {
    expect(codeOf(() => run(file, { maxTicks: 1 }))).toBe(code);
  });

  it("with random damage is read or refused, never anything else", () => {
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    const headers = fc.array(fc.tuple(fc.nat(127), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(damage, headers), fc.nat(good.length), (changes, cut) => {
        const file = good.slice(0, cut % 3 === 0 ? cut : good.length);
        for (const [at, value] of changes) if (at < file.length) file[at] = value;
        expect(codeOf(() => readElf(file, ["tohost"])) ?? "").toMatch(/^(emulator\/(bad|unsupported)-elf)?$/);
      }),
      { seed, numRuns: 2000 },
    );
  });
});
