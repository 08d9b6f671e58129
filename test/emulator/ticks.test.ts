import { describe, expect, it } from "vitest";
import { address, stopReason } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { bootSmall } from "./support/bothTiers.ts";
import { A0, A1, A7, addi, csrrs, csrrw, ecall, jal, li, RA, sd, T0, typeI, typeR, wfi } from "./support/encode.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { base, load } from "./support/program.ts";
import { Random } from "./support/random.ts";
import { soup } from "./support/soup.ts";

const timeCsr = 0xc01;
const tvm = 1n << 20n;

/** All that a guest without page tables can see: registers, CSRs, counts, console, memory; not the number of ticks. */
function architecture(memory: Uint8Array): Uint8Array {
  return Buffer.concat([
    registers(memory),
    memory.subarray(address.console, address.pageLine),
    memory.subarray(address.guest),
  ]);
}

function registers(memory: Uint8Array): Uint8Array {
  return memory.subarray(0x1000, address.ticks);
}

describe("the size of a tick", () => {
  it("makes no difference to a guest that does not use page tables", () => {
    const events = 7 * 64 * 8;
    for (let i = 0; i < 12; i++) {
      const { bytes, start } = soup(new Random(77 * seed + i));
      // A supervisor that may not touch satp: accessed and dirty bits alone show where the TLBs were flushed.
      const csrs = { ...start.csrs, satp: 0n };
      const fixed = { ...start, firmware: true, privilege: 1, mstatus: (start.mstatus ?? 0n) | tvm, csrs };
      // Ticks of one event show every state that there is between two events; other ticks end in some of these, in order.
      const single = bootSmall(bytes, { ...fixed, eventsPerTick: 1 });
      const states = Array.from({ length: events }, () => {
        single.tick();
        return Buffer.from(registers(single.memory)).toString("latin1");
      });
      for (const eventsPerTick of [7, 64, events]) {
        const machine = bootSmall(bytes, { ...fixed, eventsPerTick });
        let at = -1;
        for (;;) {
          if (machine.tick() !== 0) break;
          const next = states.indexOf(Buffer.from(registers(machine.memory)).toString("latin1"), at + 1);
          expect({ i, eventsPerTick, at, found: next > at && next <= at + eventsPerTick }).toMatchObject({
            found: true,
          });
          at = next;
          if (at + eventsPerTick >= events) break;
        }
        const same = bootSmall(bytes, { ...fixed, eventsPerTick: 1 });
        for (let done = 0; done <= at; done++) same.tick();
        if (machine.view.getUint32(address.stop, true) !== 0) while (same.tick() === 0);
        const equal = Buffer.compare(architecture(machine.memory), architecture(same.memory)) === 0;
        expect({ i, eventsPerTick, equal }).toEqual({ i, eventsPerTick, equal: true });
      }
    }
  });
});

describe("time", () => {
  it.each([1, 7, 64, 1 << 20])("is exact at every read, with ticks of %i events", (eventsPerTick) => {
    const count = 700;
    const code = [
      ...load(A1, base + 0x10000),
      ...Array.from({ length: count }, () => [csrrs(A0, timeCsr, 0), sd(A0, A1, 0), addi(A1, A1, 8)]).flat(),
      jal(0, 0),
    ];
    const machine = boot(codeBytes(code), { eventsPerTick, memory: 1 << 20 });
    machine.view.setUint32(address.timeDivider, 7, true);
    machine.set("timeOffset", 1000n);
    while (machine.get("retired") < 3 * count + 10) machine.tick();
    for (let i = 0; i < count; i++) {
      const read = machine.view.getBigUint64(address.guest + 0x10000 + 8 * i, true);
      expect(read).toBe((6n + 3n * BigInt(i)) / 7n + 1000n);
    }
  });

  /** Asks for the timer at `deadline`, enables it, and counts in a0 until the interrupt comes. */
  const untilTimer = (deadline: number, idle: readonly number[]) => [
    ...load(T0, base + 0x200),
    csrrw(0, 0x105, T0),
    ...li(A0, deadline),
    ...li(A7, 0x54494d45),
    addi(16, 0, 0),
    ecall,
    addi(T0, 0, 32),
    csrrs(0, 0x104, T0),
    typeI(0x73, 6, 0, 2, 0x100),
    ...idle,
    addi(A0, A0, 1),
    jal(0, -4),
  ];

  it.each([1, 3, 1 << 20])(
    "interrupts before the first instruction at the deadline, with ticks of %i",
    (eventsPerTick) => {
      for (const deadline of [3, 10, 57]) {
        const bytes = new Uint8Array(0x1000);
        bytes.set(codeBytes(untilTimer(deadline, [])), 0);
        bytes.set(codeBytes([csrrs(RA, timeCsr, 0), jal(0, 0)]), 0x200);
        const machine = boot(bytes, { eventsPerTick, memory: 1 << 20 });
        machine.view.setUint32(address.timeDivider, 10, true);
        while (machine.x(RA) === 0n) machine.tick();
        expect(machine.get("scause")).toBe((1n << 63n) | 5n);
        expect(machine.x(RA)).toBe(BigInt(deadline));
        // Two instructions in each turn, and the interrupt comes when `10 * deadline` have retired.
        const before = untilTimer(deadline, []).length - 2;
        expect(machine.x(A0)).toBe(BigInt(Math.ceil((10 * deadline - before) / 2)));
      }
    },
  );

  it("jumps to the deadline at `wfi`, from where it goes on exactly", () => {
    const bytes = new Uint8Array(0x1000);
    bytes.set(codeBytes(untilTimer(1_000_000, [wfi])), 0);
    bytes.set(codeBytes([csrrs(RA, timeCsr, 0), jal(0, 0)]), 0x200);
    const machine = boot(bytes, { eventsPerTick: 100, memory: 1 << 20 });
    machine.tick();
    expect(machine.x(RA)).toBe(1_000_000n);
    expect(machine.x(A0)).toBe(0n);
  });

  it("stops a guest that waits for what never comes", () => {
    for (const enabled of [0n, 32n]) {
      const machine = boot(codeBytes([wfi, jal(0, 0)]), { eventsPerTick: 100, memory: 1 << 20 });
      machine.set("mie", enabled);
      expect(machine.tick()).toBe(1);
      expect(machine.view.getUint32(address.stop, true)).toBe(stopReason.waitsForever);
    }
  });

  it("goes on after `wfi` when something is pending, whether or not interrupts are on", () => {
    const machine = boot(codeBytes([wfi, addi(A0, 0, 7), jal(0, 0)]), { eventsPerTick: 100, memory: 1 << 20 });
    machine.set("mie", 2n);
    machine.set("mip", 2n);
    expect(machine.tick()).toBe(0);
    expect(machine.x(A0)).toBe(7n);
  });
});

describe("LR and SC", () => {
  const lr = (rd: number, rs1: number) => typeR(0x2f, 3, 2 << 2, rd, rs1, 0);
  const sc = (rd: number, rs1: number, rs2: number, size = 3) => typeR(0x2f, size, 3 << 2, rd, rs1, rs2);
  const cases: [string, readonly number[], bigint][] = [
    ["a pair", [lr(T0, A1), sc(A0, A1, A1)], 0n],
    ["a pair with stores between", [lr(T0, A1), sd(0, A1, 0), sc(A0, A1, A1)], 0n],
    ["SC alone", [sc(A0, A1, A1)], 1n],
    ["another size", [lr(T0, A1), sc(A0, A1, A1, 2)], 1n],
    ["another address", [lr(T0, A1), addi(A1, A1, 8), sc(A0, A1, A1)], 1n],
    ["a second SC", [lr(T0, A1), sc(A0, A1, A1), sc(A0, A1, A1)], 1n],
    ["a trap between", [lr(T0, A1), 0x00100073, sc(A0, A1, A1)], 1n],
  ];
  it.each(cases)("of %s give the same with every size of tick", (_, code, expected) => {
    for (const eventsPerTick of [1, 2, 3, 1000]) {
      const bytes = new Uint8Array(0x1000);
      bytes.set(codeBytes([...code, jal(0, 0)]), 0);
      bytes.set(codeBytes([csrrs(T0, 0x141, 0), addi(T0, T0, 4), csrrw(0, 0x141, T0), 0x10200073]), 0x100);
      const machine = boot(bytes, { eventsPerTick, memory: 1 << 20, x: { [A1]: BigInt(base + 0x800), [A0]: 9n } });
      machine.set("stvec", BigInt(base + 0x100));
      machine.set("mstatus", 0x6100n);
      for (let i = 0; i < 20; i++) machine.tick();
      expect({ eventsPerTick, a0: machine.x(A0) }).toEqual({ eventsPerTick, a0: expected });
      expect([machine.get("reservation"), machine.get("reservationSize")]).toEqual([0n, 0n]);
    }
  });
});
