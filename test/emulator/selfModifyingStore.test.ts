import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { writeStart } from "../../src/emulator/boot.ts";
import { bootSmall } from "./support/bothTiers.ts";
import { A0, addi, branch, jal, S0, S1, typeR, typeS } from "./support/encode.ts";
import { PlainHart } from "./support/plainHart.ts";
import { base } from "./support/program.ts";

/**
 * Stores near themselves: the decoded record of the store itself goes while it is executed. What must be left is what a hart
 * leaves that decodes nothing in advance.
 */

const memorySize = 1 << 16;
const handler = 0x8000;
const data = 0xa000;
const distances = Array.from({ length: 17 }, (_, i) => i - 8);
/** Registers: rounds left, the address of the next round's stores. */
const [ROUNDS, TARGET, OLD] = [5, 20, 13];

const word = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
const half = (value: number) => [value & 255, value >>> 8];
/** What is added tells the instructions apart. */
const wide = (value: number) => word(addi(A0, A0, value));
const narrow = (value: number) => half(1 | (A0 << 7) | (value << 2));

const machine = bootSmall(new Uint8Array(0), {
  ...{ timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), eventsPerTick: 1 },
});

interface Store {
  readonly bytes: readonly number[];
  /** What stands before it, out of its reach. */
  readonly first?: readonly number[];
}

const atomic = (funct5: number, size: number) => word(typeR(0x2f, size, funct5 << 2, OLD, S1, S0));
const reserve = (size: number) => word(typeR(0x2f, size, 2 << 2, OLD, S1, 0));
/** c.sw, c.sd and c.fsd of register 8 to what register 9 names. */
const compressed = (funct3: number) => half((funct3 << 13) | (1 << 7) | (0 << 2));
const stores: Readonly<Record<string, Store>> = {
  sb: { bytes: word(typeS(0x23, 0, S1, S0, 0)) },
  sh: { bytes: word(typeS(0x23, 1, S1, S0, 0)) },
  sw: { bytes: word(typeS(0x23, 2, S1, S0, 0)) },
  sd: { bytes: word(typeS(0x23, 3, S1, S0, 0)) },
  "c.sw": { bytes: compressed(6) },
  "c.sd": { bytes: compressed(7) },
  "c.fsd": { bytes: compressed(5) },
  fsw: { bytes: word(typeS(0x27, 2, S1, S0, 0)) },
  fsd: { bytes: word(typeS(0x27, 3, S1, S0, 0)) },
  "sc.w": { bytes: atomic(3, 2), first: reserve(2) },
  "sc.d": { bytes: atomic(3, 3), first: reserve(3) },
  "amoadd.w": { bytes: atomic(0, 2) },
  "amoswap.w": { bytes: atomic(1, 2) },
  "amoswap.d": { bytes: atomic(1, 3) },
};
const second = typeS(0x23, 3, S1, S0, 8);
const secondHalf = half((7 << 13) | (1 << 7) | (1 << 10));
const pairs: Readonly<Record<string, Store>> = {
  "sd, sd": { bytes: [...stores.sd!.bytes, ...word(second)] },
  "sd, c.sd": { bytes: [...stores.sd!.bytes, ...secondHalf] },
  "c.sd, sd": { bytes: [...stores["c.sd"]!.bytes, ...word(second)] },
  "c.sd, c.sd": { bytes: [...stores["c.sd"]!.bytes, ...secondHalf] },
  // The lower address second.
  "sd 8, sd": { bytes: [...word(second), ...stores.sd!.bytes] },
};

/** Where in its page the store stands: in the middle, at the end, on two pages, at the beginning. */
const places = [0x2408, 0x240a, 0x240c, 0x240e, 0x2ff0, 0x2ff8, 0x2ffa, 0x2ffc, 0x2ffe, 0x3000, 0x3002, 0x3004];
/** Stored: instructions that add, of 32 and of 16 bits, and `c.nop`, all of which stay instructions when they are cut. */
const values = [0x0205_0513_0105_0513n, 0x0511_0509_0511_0509n, 0x0001_0001_0001_0001n];

interface Case {
  readonly name: string;
  readonly store: Store;
  readonly place: number;
  readonly distance: number;
  readonly value: bigint;
  /** Whether a round of stores elsewhere comes first, so that all is decoded and the TLBs are filled. */
  readonly warm: boolean;
  readonly halves: boolean;
}

/** Expects that the emulator leaves what the plain hart leaves: cause, pc, registers and memory. */
function compare({ name, store, place, distance, value, warm, halves }: Case, eventsPerTick: number): void {
  const bytes = new Uint8Array(memorySize);
  const near = [1, 2, 3, 4].flatMap((i) => (halves ? narrow(i) : i > 2 ? [] : wide(i)));
  const [before, after] = [near, near.length > 8 ? near.slice(0, 8) : near];
  const first = store.first ?? [];
  const body = [...before, ...store.bytes, ...after, ...after];
  const length = first.length + body.length;
  const rest = [addi(S1, TARGET, 0), addi(ROUNDS, ROUNDS, -1), branch(1, ROUNDS, 0, -8 - length), jal(0, 0)];
  const start = place - before.length - first.length;
  bytes.set([...first, ...body, ...rest.flatMap(word)], start);
  bytes.set(word(jal(0, 0)), handler);
  const target = BigInt(base + place + distance);
  const x = {
    [S0]: value,
    [S1]: warm ? BigInt(base + data) : target,
    [TARGET]: target,
    [ROUNDS]: 3n,
    [A0]: 0n,
  };

  const plain = new PlainHart(bytes.slice(), base + start);
  for (const [register, content] of Object.entries(x)) plain.x[Number(register)] = content;
  plain.f[S0] = value;
  const end = plain.run(200);

  const { memory, view, tick } = machine;
  memory.fill(0, address.guest, address.guest + memorySize);
  memory.set(bytes, address.guest);
  const fixed = { timeDivider: 100, mstatus: 0x6000n, firmware: true, privilege: 1, guestSize: memorySize };
  const csrs = { stvec: BigInt(base + handler) };
  writeStart(memory, { ...fixed, eventsPerTick, csrs, x, pc: BigInt(base + start) });
  view.setBigUint64(address.f + 8 * S0, value, true);
  for (let events = 0; events < 220; events += eventsPerTick) tick();

  const [scause, sepc, pc] = [address.scause, address.sepc, address.pc].map((at) => view.getBigUint64(at, true));
  const x31 = new BigUint64Array(memory.slice(address.x, address.x + 8 * 32).buffer);
  const ended = [scause, scause === 0n ? pc : sepc, ...x31];
  const cause = end === "waits" ? 0n : BigInt(end.cause);
  const wanted = [cause, BigInt(plain.pc), ...plain.x];
  const same = Buffer.compare(memory.subarray(address.guest, address.guest + memorySize), plain.memory) === 0;
  if (same && ended.every((each, i) => each === wanted[i])) return;
  const where = { name, place: place.toString(16), distance, value: value.toString(16), warm, halves };
  expect({ ...where, ended, same }).toEqual({ ...where, ended: wanted, same: true });
}

describe("a store near itself", () => {
  it.each(Object.entries({ ...stores, ...pairs }))("leaves what it leaves without decoding: %s", (name, store) => {
    for (const place of places)
      for (const distance of distances)
        for (const value of values)
          for (const warm of [false, true])
            for (const halves of [false, true]) compare({ name, store, place, distance, value, warm, halves }, 256);
  });

  it("makes no difference where ticks end", () => {
    for (const eventsPerTick of [1, 2, 3, 5])
      for (const store of [stores.sw!, stores["c.sd"]!, stores["amoswap.d"]!, pairs["sd, sd"]!])
        for (const distance of [-4, 0, 4])
          compare(
            { name: "", store, place: 0x2408, distance, value: values[0]!, warm: true, halves: false },
            eventsPerTick,
          );
  });
});
