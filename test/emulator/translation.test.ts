import { describe, expect, it } from "vitest";
import { A0, A1, A2, A3, csrrs, csrrw, jal, ld, sd, sfenceVma, T0 } from "./support/encode.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { bit } from "./support/sv39.ts";

const guest = 0x2000000;
const base = 0x80000000n;

describe("Sv39", () => {
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

/** Physical offsets: root table, tables below it, the page they map at `data` and, 4,096 and 512 pages further, at `alias` and `other`. */
const [root, middle, leaf, otherLeaf, page] = [0x1000, 0x2000, 0x3000, 0x4000, 0x5000];
const data = 0x4000_0000n;
const [alias, other] = [data + (4096n << 12n), data + (512n << 12n)];
/** Addresses of gigabyte pages over all memory, one in each half of the address space. */
const [large, upper] = [0xc000_0000n, 0xffff_ffff_c000_0000n];
const plain = bit.V | bit.R | bit.W;
const entryOf = (offset: number, flags: bigint) => (((base + BigInt(offset)) >> 12n) << 10n) | flags;

/** Instructions on the page (x11), on its entry (x12: address, x13: without A and D), on the alias (x14). */
const load = ld(A0, A1, 0);
const store = sd(A0, A1, 0);
const clean = sd(A3, A2, 0);
const revoke = sd(0, A2, 0);
const loadAlias = ld(A0, 14, 0);
const loadOther = ld(A0, 20, 0);
const loadLarge = ld(A0, 18, 0);
const sfenceOf = (register: number) => sfenceVma | (register << 15);
const [sfencePage, sfenceAlias, sfenceUpper] = [A1, 14, 19].map(sfenceOf) as [number, number, number];
const sameSatp = csrrw(0, 0x180, 15);
const setSum = csrrs(0, 0x100, 16);
const setMxr = csrrs(0, 0x100, 17);

/** Runs supervisor code that is mapped by a gigabyte page of the upper half; the entry's A and D afterwards, and the trap's cause. */
function runOnPage(words: readonly number[], eventsPerTick = 1000) {
  const satp = (8n << 60n) | ((base + BigInt(root)) >> 12n);
  const x = {
    [A1]: data,
    [A2]: upper + BigInt(leaf),
    [A3]: entryOf(page, plain),
    14: alias,
    15: satp,
    16: 1n << 18n,
    17: 1n << 19n,
    18: large,
    19: upper,
    20: other,
  };
  const machine = boot(codeBytes([...words, jal(0, 0)]), { eventsPerTick, memory: 1 << 16, x });
  const put = (at: number, entry: bigint) => machine.view.setBigUint64(guest + at, entry, true);
  put(root + 8 * 511, (0x80000n << 10n) | plain | bit.X | bit.A | bit.D);
  put(root + 8, entryOf(middle, bit.V));
  put(middle, entryOf(leaf, bit.V));
  for (const at of [1, 8]) put(middle + 8 * at, entryOf(otherLeaf, bit.V));
  put(root + 24, (0x80000n << 10n) | plain | bit.A);
  put(leaf, entryOf(page, plain));
  put(otherLeaf, entryOf(page, plain));
  machine.set("satp", satp);
  machine.set("pc", upper);
  const end = upper + 4n * BigInt(words.length);
  machine.set("stvec", end);
  while (machine.pc() !== end) machine.tick();
  const entry = machine.view.getBigUint64(guest + leaf, true);
  return { marks: entry & (bit.A | bit.D), cause: machine.get("scause") };
}

describe("the TLBs show", () => {
  const cases: readonly (readonly [string, readonly number[], bigint])[] = [
    ["A of a page that is read", [load], bit.A],
    ["A and D of a page that is written", [store], bit.A | bit.D],
    ["D also where the page was read before", [load, store], bit.A | bit.D],
    ["no A of a cached page", [load, clean, load], 0n],
    ["no D of a cached page", [store, clean, store], 0n],
    ["A where it was cached for writing only", [store, clean, load], bit.A],
    ["A again after sfence.vma", [load, clean, sfenceVma, load], bit.A],
    ["A and D again after sfence.vma", [store, clean, sfenceVma, store], bit.A | bit.D],
    ["A again after sfence.vma of the page", [load, clean, sfencePage, load], bit.A],
    ["A and D again after sfence.vma of the page", [store, clean, sfencePage, store], bit.A | bit.D],
    ["no A after sfence.vma of a page that shares the entry", [load, clean, sfenceAlias, load], 0n],
    [
      "A again after sfence.vma of a page that shares the entry, with a superpage in the lower half",
      [loadLarge, load, clean, sfenceAlias, load],
      bit.A,
    ],
    ["no A after that superpage has been flushed", [loadLarge, sfenceVma, load, clean, sfenceAlias, load], 0n],
    ["A again after sfence.vma of an address of the upper half", [load, clean, sfenceUpper, load], bit.A],
    ["A again after a write of satp", [load, clean, sameSatp, load], bit.A],
    ["A again after a change of MXR", [load, clean, setMxr, load], bit.A],
    ["no A when MXR is set to what it was", [setMxr, load, clean, setMxr, load], 0n],
    ["A again when SUM is set", [load, clean, setSum, load], bit.A],
    ["A again after a page that shares the entry", [load, loadAlias, clean, load], bit.A],
    ["no A after a page that is 512 pages further", [load, loadOther, clean, load], 0n],
  ];
  it.each(cases)("%s", (_, words, marks) => {
    expect(runOnPage(words)).toEqual({ marks, cause: 0n });
  });

  it("A and D again in the next tick", () => {
    expect(runOnPage([load, clean, load], 1).marks).toBe(bit.A);
    expect(runOnPage([store, clean, store], 1).marks).toBe(bit.A | bit.D);
  });

  it("what software has revoked until it flushes, and a fault then", () => {
    expect(runOnPage([load, revoke, load]).cause).toBe(0n);
    expect(runOnPage([load, revoke, store]).cause).toBe(15n);
    expect(runOnPage([load, revoke, sfenceVma, load]).cause).toBe(13n);
  });
});
