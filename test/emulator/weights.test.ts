import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { writeStart } from "../../src/emulator/boot.ts";
import { bootSmall, guestSize } from "./support/bothTiers.ts";
import { A0, A1, A2, nop, typeI, typeR } from "./support/encode.ts";
import { type Encoding, encodings } from "./support/instructionTable.ts";
import { base } from "./support/program.ts";

const [handler, data, budget] = [0x800, 0xc00, 100];
const floatsOn = 0x6000n;

const compressedNop = 0x0001;
const machine = bootSmall(new Uint8Array(0), {
  ...{ timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), eventsPerTick: budget },
});

interface Outcome {
  /** What the first event weighs, the miss of its fetch not counted. */
  readonly weight: number;
  readonly trapped: boolean;
}

/** Executes an instruction of 32 or of 16 bits, then others that weigh 1 each, as many as the tick still takes. */
function execute(word: number, { mstatus = floatsOn, at = 0, x = BigInt(base + data) } = {}): Outcome {
  const { memory, view } = machine;
  new Uint16Array(memory.buffer, address.guest, 4096).fill(compressedNop);
  if ((word & 3) === 3) view.setUint32(address.guest + at, word, true);
  else view.setUint16(address.guest + at, word, true);
  writeStart(memory, {
    ...{ timeDivider: 100, firmware: true, privilege: 1, mstatus, eventsPerTick: budget, guestSize },
    ...{ pc: BigInt(base + at), x: { [A1]: x, [A2]: 1n }, csrs: { stvec: BigInt(base + handler) } },
  });
  machine.tick();
  const trapped = machine.view.getBigUint64(address.scause, true) !== 0n;
  const retired = Number(machine.view.getBigUint64(address.retired, true)) - (trapped ? 0 : 1);
  return { weight: budget - retired - 2, trapped };
}

const [miss, trap] = [2, 1];

/** README.md, "Ticks and events": what bits weigh. */
function weightOf(word: number): number {
  const [opcode, rd, funct3, funct7] = [word & 0x7f, (word >>> 7) & 31, (word >>> 12) & 7, word >>> 25];
  switch (opcode) {
    case 0x03:
      return rd === 0 && funct3 !== 7 ? 1 : 0;
    case 0x07:
    case 0x27:
    case 0x2f:
      return funct3 === 2 || funct3 === 3 ? 1 : 0;
    case 0x33:
      return rd !== 0 && funct7 === 1 && funct3 !== 0 ? 1 : 0;
    case 0x3b:
      return rd !== 0 && funct7 === 1 && funct3 >= 4 ? 1 : 0;
    case 0x0f:
      return funct3 === 1 ? 2 : 0;
    case 0x73:
      return 2;
    case 0x53:
      return [3, 11].includes(word >>> 27) ? 16 : 2;
    case 0x43:
    case 0x47:
    case 0x4b:
    case 0x4f:
      return 6;
    default:
      return 0;
  }
}

/** The encoding with these registers where its bits leave room. */
const filled = ({ match, mask }: Encoding, rd: number) =>
  (match | (((rd << 7) | (A1 << 15) | (A2 << 20)) & ~mask & 0x1fff_ff80)) >>> 0;
const memory = [0x03, 0x07, 0x23, 0x27, 0x2f];
/** What goes elsewhere, or stops the guest. */
const elsewhere = (word: number) => [0x63, 0x67, 0x6f].includes(word & 0x7f) || [0x10200073, 0x10500073].includes(word);

describe("the weight of an instruction", () => {
  it("is what its bits say, a miss and a trap apart, whether it is legal or not", () => {
    for (const encoding of encodings)
      for (const rd of [A0, 0])
        for (const mstatus of [floatsOn, 0n]) {
          const word = filled(encoding, rd);
          if (elsewhere(word)) continue;
          // Loads and stores have their offset where registers are: the address comes out aligned.
          const offset = [0x23, 0x27].includes(word & 0x7f) ? rd : [0x03, 0x07].includes(word & 0x7f) ? A2 : 0;
          const { weight, trapped } = execute(word, { mstatus, x: BigInt(base + data - offset) });
          const flush = encoding.name === "sfence.vma" ? miss : 0;
          const access = memory.includes(word & 0x7f) && !trapped ? miss : 0;
          const expected = 1 + weightOf(word) + (trapped ? trap : 0) + access + flush;
          expect({ name: encoding.name, rd, mstatus, weight }).toEqual({
            name: encoding.name,
            rd,
            mstatus,
            weight: expected,
          });
        }
  });

  it("is what its bits say where no instruction has them", () => {
    const reserved = [
      0x0000_7003, 0x0000_1007, 0x0000_4027, 0x0000_402f, 0x2800_302f, 0x0200_103b, 0x0000_200f, 0x0000_4073,
    ];
    const floats = [0x0400_0053, 0x1c00_0053, 0x0400_0043, 0x0000_5053];
    for (const bits of [...reserved, ...floats]) {
      const word = (bits | (A0 << 7) | (A1 << 15)) >>> 0;
      expect({ bits, ...execute(word) }).toEqual({ bits, weight: 1 + weightOf(word) + trap, trapped: true });
    }
  });

  it("is that of the one that a 16-bit instruction stands for", () => {
    // c.addi, c.fld and c.ld of what x11 names, c.ebreak, a reserved one.
    for (const [half, weight, trapped] of [
      [0x0505, 1, false],
      [0x2188, 1 + 1 + miss, false],
      [0x6188, 1 + miss, false],
      [0x9002, 1 + 2 + trap, true],
      [0, 1 + trap, true],
    ] as const)
      expect([half, execute(half)]).toEqual([half, { weight, trapped }]);
  });

  it("is more for what is misaligned, and for what lies on two pages, instructions too", () => {
    const load = typeI(0x03, 3, A0, A1, 0);
    const at = (offset: number) => ({ x: BigInt(base + offset) });
    expect(execute(load, at(data + 1)).weight).toBe(1 + miss + 1);
    expect(execute(load, at(0x1ffd)).weight).toBe(1 + 2 * miss + 1 + 2);
    expect(execute(typeI(0x03, 3, 0, A1, 0), at(0x1ffd)).weight).toBe(1 + 1 + 2 * miss + 1 + 2);
    // The second page of the instruction misses too.
    expect(execute(nop, { at: 0xffe }).weight).toBe(1 + miss + 2);
    expect(execute(typeR(0x33, 4, 1, A0, A1, A2), { at: 0xffe }).weight).toBe(1 + 1 + miss + 2);
  });

  it("on two pages is charged each time that it jumps to itself", () => {
    // `j .`: 1 and a crossing each, and two misses at first.
    execute(0x6f, { at: 0xffe });
    expect(machine.view.getBigUint64(address.retired, true)).toBe(BigInt((budget - 2 * miss) / (1 + 2)));
  });
});
