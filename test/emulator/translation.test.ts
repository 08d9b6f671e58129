import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seed } from "../support/seed.ts";
import { A0, A1, ld, sd, T0 } from "./support/encode.ts";
import { boot } from "./support/machines.ts";

const guest = 0x2000000;
const base = 0x80000000n;
/** Guest-physical places: root table, tables below it, a page of code, the page that is accessed. */
const root = 0x1000;
const middle = 0x2000;
const leafTable = 0x3000;
const codePage = 0x4000;
const codeMiddle = 0x5000;
const codeLeaf = 0x6000;
const target = 0x200000;

const V = 1;
const R = 2;
const W = 4;
const X = 8;
const U = 16;
const A = 64;
const D = 128;

const codeAddress = 0x40_0000_0000n >> 2n;
/** Its offset in a 2 MiB and in a 1 GiB page is that of a free guest page. */
const address = 0x4000_7000n;

type Access = "load" | "store" | "fetch";

interface Case {
  readonly access: Access;
  readonly supervisor: boolean;
  readonly sum: boolean;
  readonly mxr: boolean;
  /** Level at which the leaf stands: 0 a 4 KiB page, 2 a 1 GiB page. */
  readonly level: 0 | 1 | 2;
  readonly flags: number;
  readonly reserved: boolean;
  readonly misaligned: boolean;
}

interface Outcome {
  /** Exception cause, or `undefined` when the access succeeds. */
  readonly cause: number | undefined;
  readonly accessed: boolean;
  readonly dirty: boolean;
}

/** Sv39 as the privileged architecture (4.3.2, 4.4.1) words it, in the order of its algorithm. */
function oracle(c: Case): Outcome {
  const causes = { load: 13, store: 15, fetch: 12 };
  const fault = { cause: causes[c.access], accessed: (c.flags & A) !== 0, dirty: (c.flags & D) !== 0 };
  if (!(c.flags & V) || (!(c.flags & R) && c.flags & W) || c.reserved) return fault;
  // Neither R nor X: a pointer. At the lowest level there is nothing below; higher up it leads to an empty table.
  if (!(c.flags & R) && !(c.flags & X)) return fault;
  const allowed = c.access === "fetch" ? X : c.access === "store" ? W : c.mxr ? R | X : R;
  if (!(c.flags & allowed)) return fault;
  if (c.supervisor && c.flags & U && (c.access === "fetch" || !c.sum)) return fault;
  if (!c.supervisor && !(c.flags & U)) return fault;
  if (c.level > 0 && c.misaligned) return fault;
  return { cause: undefined, accessed: true, dirty: (c.flags & D) !== 0 || c.access === "store" };
}

function run(c: Case): Outcome & { stval: bigint } {
  const { view, tick } = boot(new Uint8Array(0), { eventsPerTick: 1 });
  const put = (at: number, entry: bigint) => view.setBigUint64(guest + at, entry, true);
  const page = (at: number) => (base + BigInt(at)) >> 12n;
  const pointer = (at: number) => (page(at) << 10n) | BigInt(V);
  const index = (virtual: bigint, level: number) => Number((virtual >> BigInt(12 + 9 * level)) & 0x1ffn) * 8;

  put(root + index(codeAddress, 2), pointer(codeMiddle));
  put(codeMiddle + index(codeAddress, 1), pointer(codeLeaf));
  put(codeLeaf + index(codeAddress, 0), (page(codePage) << 10n) | BigInt(V | R | X | A | (c.supervisor ? 0 : U)));
  view.setUint32(guest + codePage, c.access === "store" ? sd(A1, A0, 0) : ld(A1, A0, 0), true);

  const tables = [leafTable, middle, root];
  for (let level = 2; level > c.level; level--)
    put(tables[level]! + index(address, level), pointer(tables[level - 1]!));
  const size = 1n << BigInt(12 + 9 * c.level);
  const physical = ((base + BigInt(target)) / size) * size;
  const number = (physical >> 12n) + (c.misaligned && c.level > 0 ? 1n : 0n);
  const entryAt = tables[c.level]! + index(address, c.level);
  put(entryAt, (number << 10n) | BigInt(c.flags) | (c.reserved ? 1n << 60n : 0n));
  const within = address & (size - 1n);
  if (c.access === "fetch") view.setUint32(guest + Number(physical + within - base), 0x13, true);

  view.setBigUint64(0x1300, c.access === "fetch" ? address : codeAddress, true);
  view.setUint32(0x1308, c.supervisor ? 1 : 0, true);
  view.setBigUint64(0x1340, (c.sum ? 1n << 18n : 0n) | (c.mxr ? 1n << 19n : 0n), true);
  view.setBigUint64(0x1000 + 8 * A0, address, true);
  view.setBigUint64(0x13c8, (8n << 60n) | page(root), true);
  tick();
  const entry = view.getBigUint64(guest + entryAt, true);
  const trapped = view.getBigUint64(0x1310, true) === 0n;
  return {
    cause: trapped ? Number(view.getBigUint64(0x13a8, true)) : undefined,
    accessed: (entry & BigInt(A)) !== 0n,
    dirty: (entry & BigInt(D)) !== 0n,
    stval: view.getBigUint64(0x13b0, true),
  };
}

const cases: fc.Arbitrary<Case> = fc.record({
  access: fc.constantFrom<Access>("load", "store", "fetch"),
  supervisor: fc.boolean(),
  sum: fc.boolean(),
  mxr: fc.boolean(),
  level: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
  flags: fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 0, max: 255 }).map((bits) => bits | V | R),
  ),
  reserved: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  misaligned: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

describe("Sv39", () => {
  it("walks, faults and sets A and D as the privileged architecture says", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const given = run(c);
        const expected = oracle(c);
        expect({ cause: given.cause, accessed: given.accessed, dirty: given.dirty }).toEqual(expected);
        if (expected.cause !== undefined) expect(given.stval).toBe(address);
      }),
      { seed, numRuns: 400 },
    );
  });

  it("faults on addresses that are not sign-extended", () => {
    const { view, tick } = boot(new Uint8Array(0), { eventsPerTick: 1 });
    view.setBigUint64(0x1300, 0x40_0000_0000n, true);
    view.setBigUint64(0x13c8, (8n << 60n) | (base >> 12n), true);
    tick();
    expect(view.getBigUint64(0x13a8, true)).toBe(12n);
  });

  it("keeps a tick finite when the trap handler itself cannot be fetched", () => {
    const { view, tick } = boot(new Uint8Array(0), { eventsPerTick: 1000 });
    view.setBigUint64(0x1300, 0x1000n, true);
    view.setBigUint64(0x1398, 0x2000n, true);
    expect(tick()).toBe(0);
    expect(view.getBigUint64(0x1310, true)).toBe(0n);
    expect(view.getBigUint64(0x13a8, true)).toBe(1n);
    expect(view.getBigUint64(0x13b0, true)).toBe(0x2000n);
  });

  it("reports the second page of an access that crosses into an unmapped one, and writes nothing", () => {
    const memory = 0x10000;
    const { view, tick } = boot(new Uint8Array(0), { eventsPerTick: 1, memory });
    view.setUint32(guest, sd(T0, A0, 0), true);
    view.setBigUint64(0x1000 + 8 * A0, base + BigInt(memory) - 4n, true);
    view.setBigUint64(0x1000 + 8 * T0, 0xffff_ffff_ffff_ffffn, true);
    tick();
    expect(view.getBigUint64(0x13a8, true)).toBe(7n);
    expect(view.getBigUint64(0x13b0, true)).toBe(base + BigInt(memory));
    expect(view.getUint32(guest + memory - 4, true)).toBe(0);
  });
});
