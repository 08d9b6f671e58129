import { typeI, typeR, typeS } from "./encode.ts";
import { base } from "./program.ts";
import type { Random } from "./random.ts";
import { type Access, bit, type Context, mstatusBit } from "./sv39.ts";

/** Random page tables and accesses through them. Physical layout, from `base`: code, then tables, then data from 4 MiB on. */
export const memorySize = 32 << 20;
const at = (offset: number) => BigInt(base + offset);
export const root = at(0x10000);
const middle = [at(0x11000), at(0x12000)];
const leaves = [at(0x13000), at(0x14000)];
export const firstData = 0x400000;

/** The gigabyte from here on is the first of memory, executable only: where code runs that is not fetched through a case. */
export const codeWindow = 255n << 30n;

export interface Case {
  readonly context: Context;
  readonly virtual: bigint;
  readonly kind: Access;
  readonly size: number;
  /** The instruction that makes the access, with its address in x11 and what it stores in x12, result in x10 or f10. */
  readonly word: number;
  readonly name: string;
  readonly entries: ReadonlyMap<bigint, bigint>;
}

const loads = ["lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"];
const [result, pointer, value] = [10, 11, 12];

/** Name, bytes, instruction, access. */
const instructions: readonly (readonly [string, number, number, Access])[] = [
  ...loads.map((name, i) => [name, 1 << (i & 3), typeI(0x03, i, result, pointer, 0), "load"] as const),
  ...["sb", "sh", "sw", "sd"].map((name, i) => [name, 1 << i, typeS(0x23, i, pointer, value, 0), "store"] as const),
  ["flw", 4, typeI(0x07, 2, result, pointer, 0), "load"],
  ["fld", 8, typeI(0x07, 3, result, pointer, 0), "load"],
  ["fsw", 4, typeS(0x27, 2, pointer, value, 0), "store"],
  ["fsd", 8, typeS(0x27, 3, pointer, value, 0), "store"],
];
const aligned: typeof instructions = [
  ["lr.d", 8, typeR(0x2f, 3, 2 << 2, result, pointer, 0), "load"],
  ["amoadd.w", 4, typeR(0x2f, 2, 0, result, pointer, value), "store"],
  ["amoor.d", 8, typeR(0x2f, 3, 8 << 2, result, pointer, value), "store"],
];

const oneIn = (random: Random, n: number) => random.below(n) === 0;
const software = (random: Random) => BigInt(random.below(4)) << 8n;
const reserved = (random: Random) => (oneIn(random, 25) ? 1n << BigInt(54 + random.below(10)) : 0n);

function pointerEntry(random: Random, table: bigint, outside: boolean): bigint {
  const target = outside && oneIn(random, 25) ? random.bits64() & ((1n << 56n) - 1n) : table;
  const flags = oneIn(random, 12) ? BigInt(random.below(256)) : bit.V | (oneIn(random, 6) ? bit.G : 0n);
  return ((target >> 12n) << 10n) | flags | software(random) | reserved(random);
}

function leafEntry(random: Random, level: number, user: boolean, outside: boolean): bigint {
  const misaligned = level > 0 && oneIn(random, 12) ? 1n << BigInt(10 + random.below(9 * level)) : 0n;
  const pages = [
    () => at(firstData + 4096 * random.below(64)),
    () => at((2 + random.below(14)) << 21),
    () => at(0),
  ] as const;
  const elsewhere = outside && oneIn(random, 8) ? BigInt(random.below(1 << 14)) << 40n : 0n;
  // Most grant all that is asked for.
  const likely = bit.V | bit.R | bit.W | bit.X | (user ? bit.U : 0n);
  const taken = oneIn(random, 4) ? 1n << BigInt(random.below(5)) : 0n;
  const flags = oneIn(random, 5) ? BigInt(random.below(256)) : ((BigInt(random.below(256)) & ~bit.U) | likely) & ~taken;
  return (pages[level]!() >> 2n) | elsewhere | misaligned | flags | software(random) | reserved(random);
}

/** Part of a virtual page number that often lies at a table's edge. */
function index(random: Random, usual: () => number): bigint {
  return BigInt(oneIn(random, 4) ? 511 : oneIn(random, 6) ? 0 : usual());
}

/** @param outside - page tables and pages may lie where there is no memory */
export function sv39Case(random: Random, outside = true): Case {
  const kind = random.below(10);
  const [name, size, word, access] =
    kind < 3 ? (["fetch", 4, 0x13, "fetch"] as const) : random.pick(kind === 3 ? aligned : instructions);
  const whole = kind === 3;
  const level = () => random.pick([0, 0, 0, 1, 1, 2]);

  // Not the window's gigabyte, nor the one that leads into it.
  const drawn = index(random, () => random.below(512));
  const vpn2 = drawn === 254n || drawn === 255n ? 256n : drawn;
  const vpn1 = index(random, () => 2 + random.below(14));
  // A gigabyte's first pages hold the tables.
  const vpn0 = index(random, () => 32 + random.below(480));
  const offsets = [() => 0, () => 4094, () => 4096 - random.below(8) - 1, () => random.below(4096)];
  const step = access === "fetch" ? 2 : whole ? 8 : 1;
  const offset = Math.min(4096 - step, Math.floor(random.pick(offsets)() / step) * step);
  const page = BigInt.asUintN(64, BigInt.asIntN(39, (vpn2 << 30n) | (vpn1 << 21n) | (vpn0 << 12n)));
  const canonical = !oneIn(random, 25);
  const virtual = (canonical ? page : page ^ (1n << BigInt(39 + random.below(25)))) + BigInt(offset);

  const machine = access !== "fetch" && oneIn(random, 3);
  const mode = machine ? 3 : random.below(2);
  const lentMode = random.pick([0, 1, 1, 3]);
  const lent = machine ? mstatusBit.MPRV | (BigInt(lentMode) << 11n) : 0n;
  const user = (machine ? lentMode : mode) === 0;

  const entries = new Map<bigint, bigint>();
  const chain = (number: bigint, which: number) => {
    const leafLevel = level();
    const tables = [leaves[which]!, middle[which]!, root];
    for (let i = 2; i >= leafLevel; i--) {
      const slot = tables[i]! + 8n * ((number >> BigInt(9 * i)) & 511n);
      if (entries.has(slot) && i > 0) {
        // The second page goes through the first one's upper entries, so that they keep their tables.
        which = 0;
        tables.splice(0, 2, leaves[0]!, middle[0]!);
        continue;
      }
      const entry =
        i === leafLevel ? leafEntry(random, i, user, outside) : pointerEntry(random, tables[i - 1]!, outside);
      entries.set(slot, entry);
    }
  };
  const number = (page >> 12n) & ((1n << 27n) - 1n);
  chain(number, 0);
  chain((number + 1n) & ((1n << 27n) - 1n), 1);

  const sum = oneIn(random, 2) ? mstatusBit.SUM : 0n;
  const mxr = oneIn(random, 2) ? mstatusBit.MXR : 0n;
  const table = outside && oneIn(random, 60) ? random.bits64() & ((1n << 44n) - 1n) : root >> 12n;
  const satp = oneIn(random, 60) ? table : (8n << 60n) | table;
  const context = { satp, mstatus: 0x6000n | lent | sum | mxr, mode };
  return { context, virtual, kind: access, size, word, name, entries };
}
