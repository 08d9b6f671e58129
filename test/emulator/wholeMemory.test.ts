import { describe, expect, it } from "vitest";
import { address, guestBase } from "../../src/emulator/addresses.ts";
import { putConsoleInput, readConsole } from "../../src/emulator/console.ts";
import { A0, A1, A2, A6, A7, addi, ecall, jal, ld, S0, sd, T0, typeI, typeR, typeS } from "./support/encode.ts";
import { codeBytes } from "./support/machines.ts";
import { bit } from "./support/sv39.ts";
import { physicalEnd, WholeMemory } from "./support/wholeMemory.ts";

const machine = new WholeMemory();
const code = guestBase;
const handler = guestBase + 0x800;
const value = 0x8899_aabb_ccdd_eeffn;
const end = BigInt(physicalEnd);
const all = BigInt(2 ** 32);
const consoleExtension = 0x4442434en;

/** Runs `words` from the start of memory with these registers, what lies at its end being `tail`. */
function execute(
  words: readonly number[],
  x: Readonly<Record<number, bigint>> = {},
  tail: Uint8Array = new Uint8Array(16),
): void {
  machine.start({ pc: BigInt(code), csrs: { stvec: BigInt(handler) }, x });
  machine.put(code, codeBytes([...words, jal(0, 0)]));
  machine.put(handler, codeBytes([jal(0, 0)]));
  machine.put(physicalEnd - tail.length, tail);
  expect(machine.tick()).toBe(true);
}

const tailOf = (content: bigint) => new Uint8Array(BigUint64Array.of(0n, content).buffer);
const lastBytes = () => machine.view.getBigUint64(2 ** 32 - 8, true);
const trap = () => [machine.get("scause"), machine.get("stval")];

describe("the end of 4 GiB of memory", () => {
  it("is read and written by accesses of every width that end there", () => {
    expect(machine.memory.length).toBe(2 ** 32);
    for (const log2Size of [0, 1, 2, 3]) {
      const bits = 8 << log2Size;
      const at = end - (1n << BigInt(log2Size));
      execute([typeI(0x03, log2Size, A1, A0, 0), typeI(0x03, log2Size, A2, A0, 0)], { [A0]: at }, tailOf(value));
      const loaded = BigInt.asUintN(64, BigInt.asIntN(bits, value >> BigInt(64 - bits)));
      expect([machine.x(A1), machine.x(A2)]).toEqual([loaded, loaded]);
      const store = typeS(0x23, log2Size, A0, S0, 0);
      execute([store, store], { [A0]: at, [S0]: value });
      expect(lastBytes()).toBe((value << BigInt(64 - bits)) & (2n ** 64n - 1n));
      expect(trap()).toEqual([0n, 0n]);
    }
  });

  it("is read and written by misaligned and by atomic accesses", () => {
    execute([typeI(0x03, 2, A1, A0, -5), typeS(0x23, 1, A0, S0, -3)], { [A0]: end, [S0]: 0x1234n }, tailOf(value));
    expect(machine.x(A1)).toBe(BigInt.asUintN(64, BigInt.asIntN(32, (value >> 24n) & 0xffff_ffffn)));
    expect(lastBytes()).toBe((value & ~(0xffffn << 40n)) | (0x1234n << 40n));
    const atomic = (funct5: number, rs2: number) => typeR(0x2f, 3, funct5 << 2, A1, A0, rs2);
    execute([atomic(0, S0)], { [A0]: end - 8n, [S0]: 1n }, tailOf(value));
    expect([machine.x(A1), lastBytes()]).toEqual([value, value + 1n]);
    execute([atomic(2, 0), atomic(3, S0)], { [A0]: end - 8n, [S0]: 5n }, tailOf(value));
    expect([machine.x(A1), lastBytes()]).toEqual([0n, 5n]);
  });

  it.each([
    ["a load behind it", ld(A1, A0, 0), end, 5n, end],
    ["a store behind it", sd(S0, A0, 0), end, 7n, end],
    ["a load across it", ld(A1, A0, 0), end - 4n, 5n, end],
    ["a store across it", sd(S0, A0, 0), end - 1n, 7n, end],
    ["a load where its address has no 32 bits any more", ld(A1, A0, 0), end + BigInt(guestBase), 5n, undefined],
    ["a store at the first address again", sd(S0, A0, 0), BigInt(guestBase) + all, 7n, undefined],
    ["a store where the emulator is", sd(S0, A0, 0), BigInt(guestBase) + all - BigInt(address.guest), 7n, undefined],
  ])("lets %s fault, which changes nothing", (_, word, at, cause, named = at) => {
    execute([word], { [A0]: at, [A1]: 3n, [S0]: value });
    expect([...trap(), machine.x(A1), lastBytes()]).toEqual([cause, named, 3n, 0n]);
    expect(machine.view.getUint32(address.guest, true)).toBe(word);
  });

  it("holds instructions, which run up to it and fault behind it", () => {
    execute([typeI(0x67, 0, 0, A0, 0)], { [A0]: end - 8n }, codeBytes([0, 0, addi(A1, A1, 5), addi(A1, A1, 7)]));
    expect([machine.x(A1), ...trap()]).toEqual([12n, 1n, end]);
    // The first half of an instruction of 32 bits.
    execute([typeI(0x67, 0, 0, A0, 0)], { [A0]: end - 2n }, codeBytes([0, 0, 0, addi(0, 0, 0) << 16]));
    expect(trap()).toEqual([1n, end]);
  });

  it("sees stores over its last instructions", () => {
    for (const log2Size of [1, 2, 3]) {
      // Once as they are, once after the store: the second of a pair, and the first with a doubleword.
      const store = typeS(0x23, log2Size, A0, S0, log2Size === 3 ? 0 : 8 - (1 << log2Size));
      const call = typeI(0x67, 0, 1, A0, 0);
      const half = 0x0585;
      const tail = new Uint8Array(16);
      const words = new DataView(tail.buffer);
      words.setUint16(8, half, true);
      words.setUint16(10, half, true);
      words.setUint16(12, half, true);
      words.setUint16(14, 0x8082, true);
      const patch = { 1: 0x8082n, 2: 0x8082_05adn, 3: 0x8082_05ad_05ad_05adn }[log2Size]!;
      execute([call, store, call], { [A0]: end - 8n, [S0]: patch }, tail);
      expect({ log2Size, sum: machine.x(A1) }).toEqual({
        log2Size,
        sum: { 1: 6n, 2: 3n + 13n, 3: 3n + 33n }[log2Size]!,
      });
    }
  });

  it("is a console buffer in both directions", () => {
    const x = { [A0]: 4n, [A1]: end - 4n, [A2]: 0n, [A6]: 0n, [A7]: consoleExtension };
    execute([ecall], x, new TextEncoder().encode("last"));
    expect([machine.x(A0), machine.x(A1)]).toEqual([0n, 4n]);
    expect(new TextDecoder().decode(readConsole(machine.memory).subarray(-4))).toBe("last");
    machine.start({ pc: BigInt(code), x: { ...x, [A6]: 1n } });
    machine.put(code, codeBytes([ecall, jal(0, 0)]));
    putConsoleInput(machine.memory, new TextEncoder().encode("typed"));
    expect(machine.tick()).toBe(true);
    expect([machine.x(A0), machine.x(A1)]).toEqual([0n, 4n]);
    expect(new TextDecoder().decode(machine.memory.subarray(2 ** 32 - 4))).toBe("type");
    execute([ecall], { ...x, [A0]: 5n });
    expect(BigInt.asIntN(64, machine.x(A0))).toBe(-3n);
  });

  it("can be an input drive of 2 GiB, of which each access is noted", () => {
    const drive = 2 ** 31;
    const physicalDrive = BigInt(drive - address.guest + guestBase);
    for (const [at, seen] of [
      [end - 8n, 1n],
      [physicalDrive, 1n],
      [physicalDrive - 8n, 0n],
    ] as const) {
      machine.start({ pc: BigInt(code), inputDrive: drive, inputSize: drive, x: { [A0]: at } });
      machine.put(code, codeBytes([ld(A1, A0, 0), jal(0, 0)]));
      machine.view.setUint32(address.inputSeen, 0, true);
      expect(machine.tick()).toBe(true);
      expect([at, machine.get("inputSeen") & 1n]).toEqual([at, seen]);
    }
  });

  it("is reached through page tables that lie there", () => {
    const [root, page] = [physicalEnd - 0x1000, physicalEnd - 0x2000];
    const gigabytes = (at: bigint) => ((at >> 12n) << 10n) | BigInt(0xcf);
    const entries = new BigUint64Array(512);
    entries[2] = gigabytes(BigInt(guestBase));
    // Gigabyte 5 of physical memory, of which the upper part is not there, and the same page once more without A and D.
    entries[1] = gigabytes(0x1_4000_0000n);
    entries[511] = gigabytes(0x1_4000_0000n) & ~(bit.A | bit.D);
    const within = BigInt(page) - 0x1_4000_0000n;
    const x = { [A0]: 0x4000_0000n + within, [S0]: value, [T0]: 0xffff_ffff_c000_0000n + within };
    machine.start({ pc: BigInt(code), x, csrs: { satp: (8n << 60n) | BigInt(root / 4096), stvec: BigInt(handler) } });
    machine.put(root, new Uint8Array(entries.buffer));
    machine.put(code, codeBytes([sd(S0, A0, 0), sd(S0, T0, 8), ld(A1, T0, 0), ld(A2, A0, 8), jal(0, 0)]));
    machine.put(handler, codeBytes([jal(0, 0)]));
    expect(machine.tick()).toBe(true);
    expect([...trap(), machine.x(A1), machine.x(A2)]).toEqual([0n, 0n, value, value]);
    expect(lastBytes()).toBe(gigabytes(0x1_4000_0000n));
  });

  it("leaves no caches behind", () => {
    execute([sd(S0, A0, -8), typeI(0x67, 0, 0, A0, -4)], { [A0]: end }, codeBytes([0, 0, 0, jal(0, 0)]));
    const zero = (from: number, to: number) => machine.memory.subarray(from, to).every((byte) => byte === 0);
    expect([zero(address.tlbRead, address.console), zero(address.pageLine, address.guest)]).toEqual([true, true]);
  });
});
