import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { A0, A1, addi, branch, csrrw, jal, ld, sd, typeI, typeR } from "./support/encode.ts";
import { boot, codeBytes, type Machine } from "./support/machines.ts";
import { base } from "./support/program.ts";

const memory = 1 << 16;
const beyond = BigInt(base + memory);
const handlers = { machine: BigInt(base + 0x400), supervisor: BigInt(base + 0x800) };
const interrupt = 1n << 63n;
const amo = (operation: number, size: number) => typeR(0x2f, size, operation << 2, A0, A1, operation === 2 ? 0 : A0);
const jalrA1 = typeI(0x67, 0, 0, A1, 0);

interface Case {
  readonly name: string;
  /** The instruction at `base`. */
  readonly word: number;
  /** Value of a1. */
  readonly a1?: bigint;
  readonly cause: bigint;
  readonly value: bigint;
  /** Modes it is tried in; all by default. */
  readonly modes?: readonly number[];
  readonly mstatus?: bigint;
}

const cases: readonly Case[] = [
  { name: "an illegal instruction of 32 bits", word: 0xffff_ffff, cause: 2n, value: 0xffff_ffffn },
  { name: "an illegal instruction of 16 bits", word: 0x1234_0000, cause: 2n, value: 0n },
  { name: "a reserved 16-bit instruction", word: 0xffff_8000 | 2, cause: 2n, value: 0x8002n },
  { name: "ebreak", word: 0x0010_0073, cause: 3n, value: BigInt(base) },
  { name: "c.ebreak", word: 0xffff_9002, cause: 3n, value: BigInt(base) },
  { name: "a load from nowhere", word: ld(A0, A1, 0), a1: beyond, cause: 5n, value: beyond },
  { name: "a load that leaves memory", word: ld(A0, A1, 0), a1: beyond - 4n, cause: 5n, value: beyond },
  { name: "a store to nowhere", word: sd(A0, A1, 0), a1: 8n, cause: 7n, value: 8n },
  { name: "a store that leaves memory", word: sd(A0, A1, 0), a1: beyond - 1n, cause: 7n, value: beyond },
  { name: "a misaligned lr.w", word: amo(2, 2), a1: BigInt(base + 2), cause: 4n, value: BigInt(base + 2) },
  { name: "a misaligned lr.d", word: amo(2, 3), a1: BigInt(base + 4), cause: 4n, value: BigInt(base + 4) },
  { name: "a misaligned sc.d", word: amo(3, 3), a1: BigInt(base + 4), cause: 6n, value: BigInt(base + 4) },
  { name: "a misaligned amoadd.w", word: amo(0, 2), a1: BigInt(base + 1), cause: 6n, value: BigInt(base + 1) },
  { name: "an amoswap.d to nowhere", word: amo(1, 3), a1: beyond, cause: 7n, value: beyond },
  { name: "an lr.w from nowhere", word: amo(2, 2), a1: beyond, cause: 5n, value: beyond },
  { name: "an AMO that does not exist", word: amo(5, 3), a1: BigInt(base), cause: 2n, value: BigInt(amo(5, 3)) },
  { name: "an AMO of the top half that does not exist", word: amo(29, 2), cause: 2n, value: BigInt(amo(29, 2)) },
  { name: "an instruction of SYSTEM that does not exist", word: 0xfe00_0073, cause: 2n, value: 0xfe00_0073n },
  { name: "a float instruction that does not exist", word: 0xfe00_0053, cause: 2n, value: 0xfe00_0053n },
  { name: "ecall from U", word: 0x73, cause: 8n, value: 0n, modes: [0] },
  { name: "ecall from S", word: 0x73, cause: 9n, value: 0n, modes: [1] },
  { name: "ecall from M", word: 0x73, cause: 11n, value: 0n, modes: [3] },
  {
    name: "a CSR of machine mode",
    word: csrrw(0, 0x340, A0),
    cause: 2n,
    value: BigInt(csrrw(0, 0x340, A0)),
    modes: [0, 1],
  },
  {
    name: "fld with FS off",
    word: typeI(0x07, 3, A0, A1, 0),
    a1: BigInt(base),
    cause: 2n,
    value: BigInt(typeI(0x07, 3, A0, A1, 0)),
    mstatus: 0n,
  },
  { name: "c.fld with FS off", word: 0xffff_2000, cause: 2n, value: 0x2000n, mstatus: 0n },
  {
    name: "fadd.d with FS off",
    word: typeR(0x53, 0, 1, 1, 2, 3),
    cause: 2n,
    value: BigInt(typeR(0x53, 0, 1, 1, 2, 3)),
    mstatus: 0n,
  },
  {
    name: "fadd.d with a reserved rounding mode",
    word: typeR(0x53, 5, 1, 1, 2, 3),
    cause: 2n,
    value: BigInt(typeR(0x53, 5, 1, 1, 2, 3)),
  },
];

/** A machine without firmware, one event in a tick, all traps delegated or none. */
function machineFor(word: number, mode: number, delegated: boolean, a1 = 0n, mstatus = 0x6000n): Machine {
  const options = { eventsPerTick: 1, memory, firmware: false, privilege: mode, x: { [A1]: a1 } };
  const machine = boot(codeBytes([word, 0x13]), options);
  machine.set("mtvec", handlers.machine);
  machine.set("stvec", handlers.supervisor);
  machine.set("mstatus", mstatus);
  machine.set("medeleg", delegated ? 0xb3ffn : 0n);
  return machine;
}

/** What the trap left behind, seen from the mode that handles it. */
function trapped(machine: Machine, supervisor: boolean) {
  const [cause, value, epc, handler] = supervisor
    ? (["scause", "stval", "sepc", handlers.supervisor] as const)
    : (["mcause", "mtval", "mepc", handlers.machine] as const);
  return {
    cause: machine.get(cause),
    value: machine.get(value),
    epc: machine.get(epc),
    atHandler: machine.pc() === handler,
    mode: machine.view.getUint32(address.privilege, true),
    retired: machine.get("retired"),
  };
}

describe("a trap", () => {
  it.each(cases)("at $name has its cause, value and pc, in every mode, delegated or not", (c) => {
    for (const mode of c.modes ?? [0, 1, 3]) {
      for (const delegated of [false, true]) {
        const machine = machineFor(c.word, mode, delegated, c.a1, c.mstatus);
        // Vectors are for interrupts: an exception goes to the base.
        machine.set("mtvec", handlers.machine | BigInt(mode & 1));
        machine.set("stvec", handlers.supervisor | BigInt(mode & 1));
        machine.tick();
        const supervisor = delegated && mode !== 3;
        const { cause, value } = c;
        const handler = { atHandler: true, mode: supervisor ? 1 : 3, retired: 0n };
        const expected = { cause, value, epc: BigInt(base), ...handler };
        expect({ from: mode, delegated, ...trapped(machine, supervisor) }).toEqual({
          from: mode,
          delegated,
          ...expected,
        });
      }
    }
  });

  it("at a fetch from nowhere names the target, after the jump has retired", () => {
    for (const [word, a1, target] of [
      [jalrA1, beyond, beyond],
      [jalrA1, 0x1001n, 0x1000n],
      [jal(0, -4), 0n, BigInt(base - 4)],
      [branch(0, 0, 0, -2), 0n, BigInt(base - 2)],
    ] as const) {
      const machine = machineFor(word, 1, true, a1);
      machine.tick();
      machine.tick();
      expect(trapped(machine, true)).toMatchObject({
        cause: 1n,
        value: target,
        epc: target,
        atHandler: true,
        retired: 1n,
      });
    }
  });

  it("at a load into x0 is that of any load of its size", () => {
    for (let funct3 = 0; funct3 < 7; funct3++) {
      const last = beyond - BigInt(1 << (funct3 & 3));
      for (const [a1, trap] of [
        [last, { cause: 0n, retired: 1n }],
        [last + 1n, { cause: 5n, value: beyond, epc: BigInt(base), atHandler: true, retired: 0n }],
      ] as const) {
        const machine = machineFor(typeI(0x03, funct3, 0, A1, 0), 1, true, a1);
        machine.tick();
        expect({ funct3, ...trapped(machine, true) }).toMatchObject({ funct3, ...trap });
        expect(machine.x(0)).toBe(0n);
      }
    }
  });

  it("at the second half of an instruction names that half", () => {
    const machine = machineFor(0x13, 1, true);
    machine.view.setUint16(address.guest + memory - 2, 0x0013, true);
    machine.set("pc", beyond - 2n);
    machine.tick();
    expect(trapped(machine, true)).toMatchObject({ cause: 1n, value: beyond, epc: beyond - 2n });
  });

  it("stacks mode and interrupt enable, and the return takes them back", () => {
    for (const [mode, delegated] of [
      [0, true],
      [1, true],
      [0, false],
      [1, false],
      [3, false],
    ] as const) {
      for (const enabled of [false, true]) {
        const machine = machineFor(0x0010_0073, mode, delegated);
        const [on, before] = delegated ? [2n, 0x20n] : [8n, 0x80n];
        machine.set("mstatus", (enabled ? on : 0n) | (1n << 17n));
        machine.tick();
        const status = machine.get("mstatus");
        expect(status & on).toBe(0n);
        expect(status & before).toBe(enabled ? before : 0n);
        if (delegated) expect((status >> 8n) & 1n).toBe(BigInt(mode));
        else expect((status >> 11n) & 3n).toBe(BigInt(mode));
        machine.view.setUint32(Number(machine.pc()) - base + address.guest, delegated ? 0x10200073 : 0x30200073, true);
        machine.tick();
        const returned = machine.get("mstatus");
        expect(machine.view.getUint32(address.privilege, true)).toBe(mode);
        expect(returned & on).toBe(enabled ? on : 0n);
        expect(returned & before).toBe(before);
        expect(returned & (delegated ? 0x100n : 0x1800n)).toBe(0n);
        expect((returned >> 17n) & 1n).toBe(mode === 3 ? 1n : 0n);
        expect(machine.pc()).toBe(BigInt(base));
      }
    }
  });

  it("leaves a tick finite when the handler traps too, without end", () => {
    const machine = boot(codeBytes([0]), { eventsPerTick: 1000, memory });
    machine.set("stvec", BigInt(base));
    expect(machine.tick()).toBe(0);
    expect(machine.get("retired")).toBe(0n);
    expect(machine.get("sepc")).toBe(BigInt(base));
  });
});

describe("an interrupt", () => {
  const bits = [1, 5, 9];

  it.each([0, 1, 3])("in mode %i is taken as mideleg, mie and the enables say, with its vector", (mode) => {
    for (const bit of bits) {
      for (const delegated of [false, true]) {
        for (const enabled of [false, true]) {
          for (const vectored of [0n, 1n]) {
            const machine = machineFor(addi(A0, A0, 1), mode, false);
            machine.set("mtvec", handlers.machine | vectored);
            machine.set("stvec", handlers.supervisor | vectored);
            machine.set("mideleg", delegated ? 1n << BigInt(bit) : 0n);
            machine.set("mie", 1n << BigInt(bit));
            machine.set("mip", 1n << BigInt(bit));
            machine.set("mstatus", enabled ? 0xan : 0n);
            machine.tick();
            const taken = delegated ? mode === 0 || (mode === 1 && enabled) : mode !== 3 || enabled;
            const handler = delegated ? handlers.supervisor : handlers.machine;
            const place = { mode, bit, delegated, enabled, vectored };
            if (!taken) {
              expect({ ...place, pc: machine.pc() }).toEqual({ ...place, pc: BigInt(base + 4) });
              continue;
            }
            const cause = machine.get(delegated ? "scause" : "mcause");
            expect({ ...place, cause, pc: machine.pc(), retired: machine.get("retired") }).toEqual({
              ...place,
              cause: interrupt | BigInt(bit),
              pc: handler + vectored * 4n * BigInt(bit),
              retired: 0n,
            });
          }
        }
      }
    }
  });

  it("comes in the order external, software, timer, the machine's before the supervisor's", () => {
    const order: bigint[] = [];
    const machine = machineFor(0x13, 0, false);
    machine.set("mie", 0xaaan);
    machine.set("mideleg", 0x20n);
    for (let waiting = 0xaaan; order.length < 6; ) {
      machine.set("mip", waiting);
      machine.view.setUint32(address.privilege, 0, true);
      machine.tick();
      const supervisor = machine.view.getUint32(address.privilege, true) === 1;
      const bit = machine.get(supervisor ? "scause" : "mcause") & 63n;
      order.push(bit);
      waiting &= ~(1n << bit);
    }
    expect(order).toEqual([11n, 3n, 7n, 9n, 1n, 5n]);
  });
});
