import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { addi, branch, jal, typeI, typeS } from "./support/encode.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";

/**
 * Two instructions that the inner loop executes as one record. In ticks of one event there are no pairs, since every tick
 * decodes anew: with and without them a guest must get to the same state, also when it changes the second instruction.
 */

const [COUNTER, CODE, DATA, POINTER, LOOPS] = [5, 6, 0x4000, 2, 12];
/** In x10 or x11, from or to the data that x2 points to: the same instruction in 16 and in 32 bits. */
const kinds = {
  addi: (wide: boolean, register: number, value: number) =>
    wide ? bytesOf(addi(register, register, value), 4) : bytesOf(1 | (register << 7) | ((value & 31) << 2), 2),
  ld: (wide: boolean, register: number, value: number) =>
    wide
      ? bytesOf(typeI(0x03, 3, register, POINTER, 8 * (value & 7)), 4)
      : bytesOf(0x6002 | (register << 7) | ((value & 3) << 5), 2),
  sd: (wide: boolean, register: number, value: number) =>
    wide
      ? bytesOf(typeS(0x23, 3, POINTER, register, 8 * (value & 7)), 4)
      : bytesOf(0xe002 | (register << 2) | ((value & 7) << 10), 2),
};
type Kind = keyof typeof kinds;

function bytesOf(word: number, length: number): number[] {
  return Array.from({ length }, (_, i) => (word >>> (8 * i)) & 255);
}

interface Change {
  readonly log2Size: number;
  readonly at: number;
  readonly bytes: readonly number[];
}

/** Executes both twice, with the change between, then counts in a loop. Returns registers and memory. */
function run(first: readonly number[], second: readonly number[], eventsPerTick: number, change?: Change) {
  const bytes = new Uint8Array(1 << 16);
  bytes.set([...first, ...second]);
  const end = first.length + second.length;
  const store = change === undefined ? addi(0, 0, 0) : typeS(0x23, change.log2Size, CODE, 7, change.at);
  bytes.set(
    codeBytes([store, addi(COUNTER, COUNTER, -1), branch(1, COUNTER, 0, -8 - end), addi(LOOPS, LOOPS, 1), jal(0, -4)]),
    end,
  );
  const view = new DataView(bytes.buffer);
  // Each points to another, so that a load into its own base register leads on.
  for (let i = 0; i < 8; i++) view.setBigUint64(DATA + 8 * i, BigInt(base + DATA + 8 * ((i + 3) & 7)), true);
  const value = (change?.bytes ?? []).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const x = { [POINTER]: BigInt(base + DATA), [COUNTER]: 2n, [CODE]: BigInt(base), 7: value, 10: 5n, 11: 77n };
  const machine = boot(bytes, { x, eventsPerTick, memory: 1 << 16 });
  let events = 0;
  for (; events < 60; events += eventsPerTick) machine.tick();
  expect(machine.x(LOOPS)).toBeLessThan(BigInt(events));
  expect(machine.x(COUNTER)).toBe(0n);
  return [
    ...[0, POINTER, 10, 11].map((register) => machine.x(register)),
    Buffer.from(machine.memory.subarray(address.guest, address.guest + (1 << 16))).toString("hex"),
  ];
}

const widths = [false, true];
const cases = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
  widths.flatMap((wide) => widths.map((secondWide) => [kind, wide ? 32 : 16, secondWide ? 32 : 16] as const)),
);

describe("two instructions in one record", () => {
  it.each(cases)("do the same as one after the other: %s of %i bits, then of %i", (kind, firstBits, secondBits) => {
    for (const second of [10, 11])
      for (const value of [1, 2, 3]) {
        const pair = [kinds[kind](firstBits === 32, 10, 2), kinds[kind](secondBits === 32, second, value)] as const;
        expect(run(...pair, 64)).toEqual(run(...pair, 1));
      }
  });

  it.each(cases)("see each change of the second: %s of %i bits, then of %i", (kind, firstBits, secondBits) => {
    const first = kinds[kind](firstBits === 32, 10, 2);
    const [second, other] = [kinds[kind](secondBits === 32, 11, 1), kinds[kind](secondBits === 32, 10, 3)];
    const unchanged = run(first, second, 64).join();
    let seen = 0;
    for (let log2Size = 0; 1 << log2Size <= second.length; log2Size++) {
      for (let i = 0; i < second.length; i += 1 << log2Size) {
        const change = { log2Size, at: first.length + i, bytes: other.slice(i, i + (1 << log2Size)) };
        const result = run(first, second, 64, change);
        expect(result).toEqual(run(first, second, 1, change));
        if (result.join() !== unchanged) seen++;
      }
    }
    expect(seen).toBeGreaterThan(1);
  });

  it("stop between the two where a tick does", () => {
    for (const kind of Object.keys(kinds) as Kind[]) {
      const pair = [kinds[kind](false, 10, 2), kinds[kind](true, 11, 3)] as const;
      const whole = run(...pair, 1);
      for (const eventsPerTick of Array.from({ length: 24 }, (_, i) => i + 2))
        expect(run(...pair, eventsPerTick)).toEqual(whole);
    }
  });

  it("take the second address from what the first has loaded", () => {
    const pair = [bytesOf(typeI(0x03, 3, POINTER, POINTER, 0), 4), kinds.ld(true, 11, 1)] as const;
    expect(run(...pair, 64)).toEqual(run(...pair, 1));
  });
});
