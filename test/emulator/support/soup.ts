import type { Start } from "../../../src/emulator/boot.ts";
import { guestSize } from "./bothTiers.ts";
import { branch, jal, typeI, typeR, typeS } from "./encode.ts";
import { base } from "./program.ts";
import type { Random } from "./random.ts";

/** CSRs that a soup reads and writes: those of all modes, and some that do not exist. */
export const csrNumbers = [
  0x001, 0x002, 0x003, 0x100, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x141, 0x142, 0x143, 0x144, 0x180, 0x300, 0x301, 0x302,
  0x303, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x323, 0x340, 0x341, 0x342, 0x343, 0x344, 0x3a0, 0x3a1, 0x3b0, 0x7a0, 0xb00,
  0xb02, 0xb03, 0xc00, 0xc01, 0xc02, 0xc03, 0xf11, 0xf14, 0x14d, 0x5a8, 0x747,
];
const system = [0x73, 0x00100073, 0x10200073, 0x30200073, 0x10500073, 0x12000073, 0x0000100f, 0x0ff0000f];

const any = (random: Random) => random.below(32);
const small = (random: Random) => random.below(4096) - 2048;

function word(random: Random): number {
  switch (random.below(14)) {
    case 0:
      return typeR(
        random.pick([0x33, 0x3b]),
        random.below(8),
        random.pick([0, 1, 0x20]),
        any(random),
        any(random),
        any(random),
      );
    case 1:
      return typeI(random.pick([0x13, 0x1b]), random.below(8), any(random), any(random), small(random));
    case 2:
    case 3:
      return typeI(random.pick([0x03, 0x03, 0x07]), random.below(8), any(random), any(random), small(random));
    case 4:
    case 5:
      return typeS(random.pick([0x23, 0x23, 0x27]), random.below(4), any(random), any(random), small(random));
    case 6:
      return branch(random.below(8), any(random), any(random), (random.below(64) - 16) * 2);
    case 7:
      return random.below(2) === 0
        ? jal(any(random), (random.below(0x1000) - 0x800) * 2)
        : typeI(0x67, 0, any(random), any(random), small(random));
    case 8:
      return typeR(
        0x2f,
        random.pick([2, 3]),
        random.pick([0, 4, 8, 12, 16, 32, 48, 64, 80, 96, 112]),
        any(random),
        any(random),
        random.below(2) * any(random),
      );
    case 9:
      return typeR(0x53, random.below(8), random.below(128) & ~2, any(random), any(random), random.below(4));
    case 10:
      return typeR(
        random.pick([0x43, 0x47, 0x4b, 0x4f]),
        random.below(8),
        random.below(32) << 2,
        any(random),
        any(random),
        any(random),
      );
    case 11:
      return typeI(0x73, random.pick([1, 2, 3, 5, 6, 7]), any(random), any(random), random.pick(csrNumbers));
    case 12:
      return random.pick(system);
    default:
      return random.below(4) === 0
        ? Number(random.bits64() & 0xffffffffn)
        : (random.below(0x10000) | (random.below(0x10000) << 16)) >>> 0;
  }
}

const somewhere = (random: Random) => BigInt(base) + BigInt(random.below(guestSize) & ~1);
const tablePages = 8;

/** A page-table entry: mostly valid, to a page of guest memory or the next table, or identity of 1 GiB. */
function entry(random: Random): bigint {
  const table = BigInt(base >>> 12) + BigInt(random.below(tablePages));
  const page = BigInt(base >>> 12) + BigInt(random.below(guestSize >> 12));
  switch (random.below(4)) {
    case 0:
      return (table << 10n) | 1n;
    case 1:
      return (0x80000n << 10n) | BigInt(0xf | random.pick([0, 16, 0xc0, 0xd0]));
    case 2:
      return (page << 10n) | BigInt(1 | random.below(256));
    default:
      return (page << 10n) | BigInt(0xf | random.pick([0, 16, 0x40, 0xd0]));
  }
}

/** Register values that do something: addresses, virtual ones too, `satp`s, status bits, numbers. */
function value(random: Random): bigint {
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      return somewhere(random);
    case 3:
      return (8n << 60n) | (BigInt(base >>> 12) + BigInt(random.below(tablePages)));
    case 4:
      return random.pick([0x10n, 0x54494d45n, 0x4442434en]);
    case 5:
      return BigInt(random.below(0x4000_0000)) | (BigInt(random.below(4)) << 30n);
    case 6:
      return BigInt(random.below(0x1000));
    default:
      return random.bits64();
  }
}

/** A guest that makes no sense and touches everything: random instructions on most pages, page tables on the first. */
export function soup(random: Random): { bytes: Uint8Array; start: Omit<Start, "guestSize" | "eventsPerTick"> } {
  const bytes = new Uint8Array(guestSize);
  const view = new DataView(bytes.buffer);
  // Only the first pages are filled anew: the rest repeats them, which is quicker and aliases nothing.
  const drawn = 24 * 4096;
  for (let at = 0; at < tablePages * 4096; at += 8) view.setBigUint64(at, entry(random), true);
  for (let at = tablePages * 4096; at < drawn; at += 4) view.setUint32(at, word(random), true);
  for (let at = drawn; at < guestSize; at += drawn) {
    bytes.copyWithin(at, tablePages * 4096, Math.min(drawn, tablePages * 4096 + guestSize - at));
  }
  const firmware = random.below(2) === 0;
  const privilege = firmware ? random.pick([1, 1, 0]) : random.pick([3, 3, 1, 0]);
  const x = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [i + 1, value(random)]));
  const code = () => BigInt(base) + BigInt((tablePages * 4096 + random.below(drawn - tablePages * 4096)) & ~3);
  return {
    bytes,
    start: {
      timeDivider: random.pick([1, 7, 100]),
      firmware,
      privilege,
      pc: code(),
      x,
      mstatus: random.bits64() & 0x7e79aan & ~0x1000n,
      mcounteren: random.below(8),
      scounteren: random.below(8),
      csrs: {
        stvec: code() | BigInt(random.below(2)),
        mtvec: code() | BigInt(random.below(2)),
        medeleg: random.bits64() & 0xb3ffn,
        mideleg: random.bits64() & 0x222n,
        mie: random.bits64() & 0xaaan,
        satp: random.below(2) === 0 ? 0n : (8n << 60n) | BigInt((base >>> 12) + random.below(tablePages)),
        timeCompare: BigInt(random.below(200)),
      },
    },
  };
}
