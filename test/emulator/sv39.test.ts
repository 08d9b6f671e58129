import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { boot } from "./support/machines.ts";
import { base } from "./support/program.ts";
import { Random } from "./support/random.ts";
import { access, bit, type Outcome } from "./support/sv39.ts";
import { type Case, codeWindow, memorySize, root, sv39Case } from "./support/sv39Cases.ts";

const cases = 16_000;
const stored = 0xa5b6_c7d8_e9fa_0b1cn;
const handler = BigInt(base + 0x8000);
const machine = boot(new Uint8Array(0), { eventsPerTick: 1, memory: memorySize, firmware: false });
const { view, memory } = machine;
const host = (physical: bigint) => address.guest + Number(physical - BigInt(base));
const exists = (physical: bigint) => physical >= BigInt(base) && physical < BigInt(base + memorySize);
const readEntry = (at: bigint) => (exists(at) ? view.getBigUint64(host(at), true) : undefined);

/** Puts a case into memory and runs its instruction; what the oracle says of it, from memory as it was. */
function run(c: Case): { outcome: Outcome; fetch: bigint } {
  const { context, virtual, word, kind, size, entries } = c;
  for (const [at, entry] of entries) view.setBigUint64(host(at), entry, true);
  const direct = context.mode === 3 || context.satp >> 60n === 0n;
  // Where a case's satp leads nowhere, its instruction cannot be fetched through it: the fetch is what faults.
  const pc = kind === "fetch" ? virtual : direct ? BigInt(base) : codeWindow;
  const user = context.mode === 0 ? bit.U : 0n;
  const window = (0x80000n << 10n) | bit.V | bit.X | bit.A | user;
  view.setBigUint64(host(root + 8n * (codeWindow >> 30n)), window, true);
  const fetched = access(pc, 4, "fetch", context, readEntry);
  if (kind === "fetch") {
    // `addi x0, x0, 0` where the fetch ends, which must not change the walk.
    for (const [i, byte] of fetched.bytes.entries()) memory[host(byte)] = i === 0 ? 0x13 : 0;
  } else if (fetched.trap === undefined) {
    view.setUint32(address.guest, word, true);
  }
  const reached = fetched.trap === undefined && kind !== "fetch";
  const outcome = reached
    ? access(virtual, size, kind, context, readEntry)
    : access(pc, 4, "fetch", context, readEntry);
  view.setUint32(address.privilege, context.mode, true);
  machine.set("pc", pc);
  machine.set("mstatus", context.mstatus);
  machine.set("satp", context.satp);
  machine.set("mtvec", handler);
  machine.set("mcause", 99n);
  machine.set("fcsr", 0n);
  view.setBigUint64(address.x + 8 * 11, virtual, true);
  view.setBigUint64(address.x + 8 * 12, stored, true);
  view.setBigUint64(address.f + 8 * 12, stored, true);
  return { outcome, fetch: pc };
}

const littleEndian = (bytes: readonly number[]) => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** What the instruction leaves in its result register, or in memory. */
function expected(c: Case, old: readonly number[]): { register?: bigint; bytes?: bigint } {
  const value = littleEndian(old);
  const bits = 8 * c.size;
  const kept = BigInt.asUintN(bits, stored);
  switch (c.name) {
    case "lb":
    case "lh":
    case "lw":
    case "lr.d":
      return { register: BigInt.asUintN(64, BigInt.asIntN(bits, value)) };
    case "flw":
      return { register: 0xffffffff00000000n | value };
    case "amoadd.w":
      return { register: BigInt.asUintN(64, BigInt.asIntN(32, value)), bytes: BigInt.asUintN(32, value + stored) };
    case "amoor.d":
      return { register: value, bytes: value | stored };
    default:
      return c.kind === "store" ? { bytes: kept } : { register: value };
  }
}

function check(c: Case, number: number): string {
  const { outcome, fetch } = run(c);
  const { trap, bytes, updates } = outcome;
  const after = new Map(c.entries);
  for (const { at, entry } of updates) after.set(at, entry);
  const patched = (physical: bigint) => {
    const entry = updates.findLast(({ at }) => at === (physical & ~7n))?.entry;
    return entry === undefined ? memory[host(physical)]! : Number((entry >> (8n * (physical & 7n))) & 255n);
  };
  const old = bytes.map(patched);
  const want = trap === undefined && c.kind !== "fetch" ? expected(c, old) : {};
  machine.tick();
  const where = {
    number,
    seed,
    name: c.name,
    mode: c.context.mode,
    virtual: c.virtual.toString(16),
    satp: c.context.satp.toString(16),
    mstatus: c.context.mstatus.toString(16),
    entries: [...c.entries].map(([at, entry]) => `${at.toString(16)}: ${entry.toString(16)}`),
  };
  const given = {
    cause: machine.get("mcause"),
    value: trap === undefined ? undefined : machine.get("mtval"),
    epc: trap === undefined ? undefined : machine.get("mepc"),
  };
  const wanted = { cause: trap?.cause ?? 99n, value: trap?.value, epc: trap === undefined ? undefined : fetch };
  expect({ ...where, ...given }).toEqual({ ...where, ...wanted });
  const stores = new Set(want.bytes === undefined ? [] : bytes.map((byte) => byte & ~7n));
  for (const [at, entry] of after) {
    if (!stores.has(at)) expect({ ...where, at, entry: readEntry(at) }).toEqual({ ...where, at, entry });
  }
  if (want.bytes !== undefined) {
    const written = littleEndian(bytes.map((byte) => memory[host(byte)]!));
    expect({ ...where, written }).toEqual({ ...where, written: want.bytes });
  }
  if (want.register !== undefined) {
    const float = c.name.startsWith("f");
    const register = view.getBigUint64((float ? address.f : address.x) + 8 * 10, true);
    expect({ ...where, register }).toEqual({ ...where, register: want.register });
  }
  for (const [at] of after) view.setBigUint64(host(at), 0n, true);
  return trap === undefined ? "none" : `${c.kind} ${trap.cause}${bytes.length > 0 ? " second" : ""}`;
}

describe("Sv39 walks", () => {
  it("translate, fault, and set A and D as the privileged architecture says", () => {
    const random = new Random(seed);
    const seen = new Map<string, number>();
    for (let i = 0; i < cases; i++) {
      const outcome = check(sv39Case(random), i);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
    // Each way to end is common enough to mean something.
    const kinds = [
      ["load", 5n, 13n],
      ["store", 7n, 15n],
      ["fetch", 1n, 12n],
    ] as const;
    for (const [kind, noMemory, page] of kinds) {
      for (const cause of [noMemory, page]) {
        for (const second of ["", " second"]) {
          const key = `${kind} ${cause}${second}`;
          expect({ key, enough: (seen.get(key) ?? 0) >= 4 }).toEqual({ key, enough: true });
        }
      }
    }
    expect(seen.get("none")).toBeGreaterThan(cases / 10);
  });
});
