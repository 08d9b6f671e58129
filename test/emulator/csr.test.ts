import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { A0, A1, csrrs, csrrw, typeI } from "./support/encode.ts";
import { boot, codeBytes, type Machine } from "./support/machines.ts";
import { base } from "./support/program.ts";

const all = 0xffff_ffff_ffff_ffffn;
const readOnly = "read-only";

/** Name, number, what a read gives after writing all ones and after writing zero, in machine mode with mideleg = 0x222. */
const registers: readonly (readonly [string, number, bigint | typeof readOnly, bigint])[] = [
  ["fflags", 0x001, 0x1fn, 0n],
  ["frm", 0x002, 7n, 0n],
  ["fcsr", 0x003, 0xffn, 0n],
  ["sstatus", 0x100, 0x8000_0002_000c_6122n, 0x2_0000_0000n],
  ["sie", 0x104, 0x222n, 0n],
  ["stvec", 0x105, all - 2n, 0n],
  ["scounteren", 0x106, 7n, 0n],
  ["senvcfg", 0x10a, 1n, 0n],
  ["sscratch", 0x140, all, 0n],
  ["sepc", 0x141, all - 1n, 0n],
  ["scause", 0x142, all, 0n],
  ["stval", 0x143, all, 0n],
  ["sip", 0x144, 2n, 0n],
  ["satp", 0x180, 0n, 0n],
  ["mstatus", 0x300, 0x8000_000a_007e_79aan, 0xa_0000_0000n],
  ["misa", 0x301, 0x8000_0000_0014_112dn, 0x8000_0000_0014_112dn],
  ["medeleg", 0x302, 0xb3ffn, 0n],
  ["mideleg", 0x303, 0x222n, 0n],
  ["mie", 0x304, 0xaaan, 0n],
  ["mtvec", 0x305, all - 2n, 0n],
  ["mcounteren", 0x306, 7n, 0n],
  ["menvcfg", 0x30a, 1n, 0n],
  ["mcountinhibit", 0x320, 0n, 0n],
  ["mhpmevent3", 0x323, 0n, 0n],
  ["mhpmevent31", 0x33f, 0n, 0n],
  ["mscratch", 0x340, all, 0n],
  ["mepc", 0x341, all - 1n, 0n],
  ["mcause", 0x342, all, 0n],
  ["mtval", 0x343, all, 0n],
  ["mip", 0x344, 0x222n, 0n],
  ["pmpcfg0", 0x3a0, 0n, 0n],
  ["pmpcfg14", 0x3ae, 0n, 0n],
  ["pmpaddr0", 0x3b0, 0n, 0n],
  ["pmpaddr63", 0x3ef, 0n, 0n],
  ["tselect", 0x7a0, 0n, 0n],
  ["tdata3", 0x7a3, 0n, 0n],
  ["mcycle", 0xb00, all, 0n],
  ["minstret", 0xb02, all, 0n],
  ["mhpmcounter3", 0xb03, 0n, 0n],
  ["mhpmcounter31", 0xb1f, 0n, 0n],
  ["cycle", 0xc00, readOnly, 0n],
  ["time", 0xc01, readOnly, 0n],
  ["instret", 0xc02, readOnly, 0n],
  ["hpmcounter3", 0xc03, readOnly, 0n],
  ["hpmcounter31", 0xc1f, readOnly, 0n],
  ["mvendorid", 0xf11, readOnly, 0n],
  ["marchid", 0xf12, readOnly, 0n],
  ["mimpid", 0xf13, readOnly, 0n],
  ["mhartid", 0xf14, readOnly, 0n],
  ["mconfigptr", 0xf15, readOnly, 0n],
];
const known = new Set([
  ...registers.map(([, number]) => number),
  ...Array.from({ length: 29 }, (_, i) => [0x323 + i, 0xb03 + i, 0xc03 + i]).flat(),
  ...Array.from({ length: 64 }, (_, i) => 0x3b0 + i),
  ...Array.from({ length: 8 }, (_, i) => 0x3a0 + 2 * i),
  ...[0x7a1, 0x7a2],
]);

/** A machine without firmware about to execute `words`; one event in a tick. */
function machineWith(words: readonly number[], privilege = 3, a1 = 0n): Machine {
  const options = { eventsPerTick: 1, memory: 1 << 16, firmware: false, privilege, x: { [A1]: a1, [A0]: 0x55n } };
  const machine = boot(codeBytes(words), options);
  machine.set("mideleg", 0x222n);
  machine.set("mcounteren", 7n);
  machine.set("scounteren", 7n);
  return machine;
}

/** Executes one instruction; the cause of the trap it took to machine mode, if it did. */
function step(machine: Machine): bigint | undefined {
  const retired = machine.get("retired");
  machine.tick();
  return machine.get("retired") === retired ? machine.get("mcause") : undefined;
}

describe("control and status registers", () => {
  it.each(registers)("keep of %s (%i) what may be written", (_, number, ones, zero) => {
    if (ones === readOnly) {
      const machine = machineWith([csrrs(A0, number, 0), csrrw(A0, number, A1)]);
      expect(step(machine)).toBeUndefined();
      expect(machine.x(A0)).toBe(zero);
      expect(step(machine)).toBe(2n);
      expect(machine.get("mtval")).toBe(BigInt(csrrw(A0, number, A1)));
      expect(machine.get("mepc")).toBe(BigInt(base + 4));
      expect(machine.x(A0)).toBe(zero);
      return;
    }
    for (const [written, expected] of [
      [all, ones],
      [0n, zero],
    ] as const) {
      const machine = machineWith([csrrw(0, number, A1), csrrs(A0, number, 0)], 3, written);
      expect(step(machine)).toBeUndefined();
      expect(step(machine)).toBeUndefined();
      expect({ written, read: machine.x(A0) }).toEqual({ written, read: expected });
    }
  });

  it("exist for the modes that their numbers name, and no others exist", () => {
    const machine = machineWith([]);
    for (let number = 0; number < 4096; number++) {
      for (const privilege of [0, 1, 3]) {
        machine.view.setUint32(address.guest, csrrs(A0, number, 0), true);
        machine.view.setUint32(address.privilege, privilege, true);
        machine.set("pc", BigInt(base));
        machine.set("mstatus", 0x6000n);
        const cause = step(machine);
        const counter = number >= 0xc03 && number <= 0xc1f;
        const allowed = known.has(number) && ((number >> 8) & 3) <= privilege && !(counter && privilege !== 3);
        expect({ number, privilege, cause }).toEqual({ number, privilege, cause: allowed ? undefined : 2n });
      }
    }
  });

  it("are set, cleared, and left alone by the forms of the instructions", () => {
    const number = 0x340;
    const forms: [number, bigint, bigint][] = [
      [typeI(0x73, 1, A0, A1, number), 0b1100n, 0b1010n],
      [typeI(0x73, 2, A0, A1, number), 0b1100n, 0b1110n],
      [typeI(0x73, 3, A0, A1, number), 0b1100n, 0b0100n],
      [typeI(0x73, 5, A0, 3, number), 0b1100n, 3n],
      [typeI(0x73, 6, A0, 3, number), 0b1100n, 0b1111n],
      [typeI(0x73, 7, A0, 4, number), 0b1100n, 0b1000n],
    ];
    for (const [word, old, after] of forms) {
      const machine = machineWith([word], 3, 0b1010n);
      machine.set("mscratch", old);
      expect(step(machine)).toBeUndefined();
      expect([machine.x(A0), machine.get("mscratch")]).toEqual([old, after]);
    }
    // With x0 or 0 as the source of bits nothing is written, so that read-only ones may be named.
    for (const funct3 of [2, 3, 6, 7]) expect(step(machineWith([typeI(0x73, funct3, A0, 0, 0xf14)]))).toBeUndefined();
    for (const funct3 of [1, 5]) expect(step(machineWith([typeI(0x73, funct3, 0, 0, 0xf14)]))).toBe(2n);
    expect(step(machineWith([typeI(0x73, 4, A0, A1, number)]))).toBe(2n);
  });

  it("show a supervisor only the interrupts that are delegated to it", () => {
    for (const mideleg of [0n, 2n, 0x20n, 0x222n]) {
      const machine = machineWith([csrrw(0, 0x104, A1), csrrs(A0, 0x144, 0), csrrw(0, 0x144, 0)], 1, all);
      machine.set("mideleg", mideleg);
      machine.set("mip", 0x222n);
      machine.set("mstatus", 0n);
      machine.set("mie", 0x888n & ~machine.get("mip"));
      // Nothing is enabled that could interrupt before the read.
      machine.tick();
      expect(machine.get("mie")).toBe(0x888n | mideleg);
      machine.set("mie", 0n);
      machine.tick();
      expect(machine.x(A0)).toBe(mideleg);
      machine.tick();
      expect(machine.get("mip")).toBe(0x222n & ~(mideleg & 2n));
    }
  });

  it("let counters be read where mcounteren and scounteren say so", () => {
    for (const [number, bit] of [
      [0xc00, 1n],
      [0xc01, 2n],
      [0xc02, 4n],
    ] as const) {
      for (const [privilege, machineBits, supervisorBits, allowed] of [
        [3, 0n, 0n, true],
        [1, bit, 0n, true],
        [1, 7n - bit, 7n, false],
        [0, bit, bit, true],
        [0, bit, 7n - bit, false],
        [0, 7n - bit, bit, false],
      ] as const) {
        const machine = machineWith([csrrs(A0, number, 0)], privilege);
        machine.set("mcounteren", machineBits);
        machine.set("scounteren", supervisorBits);
        expect(step(machine)).toBe(allowed ? undefined : 2n);
      }
    }
  });

  it("keep mstatus.MPP when 2 is written, and satp when its mode is not known", () => {
    const machine = machineWith([csrrw(0, 0x300, A1)], 3, 0x1000n);
    machine.set("mstatus", 0x800n);
    step(machine);
    expect(machine.get("mstatus") & 0x1800n).toBe(0x800n);
    for (const mode of Array.from({ length: 16 }, (_, i) => BigInt(i))) {
      const known = mode === 0n || mode === 8n;
      const translation = machineWith([csrrw(0, 0x180, A1)], 3, (mode << 60n) | 0xabc_1234_5678_9abcn);
      translation.set("satp", 0x8000_0000_0000_0001n);
      step(translation);
      expect(translation.get("satp")).toBe(known ? (mode << 60n) | 0x234_5678_9abcn : 0x8000_0000_0000_0001n);
    }
  });

  it("are closed by mstatus where it says so: TVM, TW, TSR, FS", () => {
    const cases: [string, number, number, bigint, boolean][] = [
      ["satp under TVM", csrrs(A0, 0x180, 0), 1, 1n << 20n, false],
      ["sfence.vma under TVM", 0x12000073, 1, 1n << 20n, false],
      ["satp under TVM in M", csrrs(A0, 0x180, 0), 3, 1n << 20n, true],
      ["sfence.vma", 0x12000073, 1, 0n, true],
      ["sfence.vma in U", 0x12000073, 0, 0n, false],
      ["wfi under TW", 0x10500073, 1, 1n << 21n, false],
      ["wfi under TW in M", 0x10500073, 3, 1n << 21n, true],
      ["wfi in U", 0x10500073, 0, 0n, false],
      ["sret under TSR", 0x10200073, 1, 1n << 22n, false],
      ["sret under TSR in M", 0x10200073, 3, 1n << 22n, true],
      ["sret in U", 0x10200073, 0, 0n, false],
      ["mret in S", 0x30200073, 1, 0n, false],
      ["fcsr with FS off", csrrs(A0, 0x003, 0), 3, 0n, false],
      ["fcsr", csrrs(A0, 0x003, 0), 0, 0x2000n, true],
    ];
    for (const [name, word, privilege, status, allowed] of cases) {
      const machine = machineWith([word], privilege);
      machine.set("mstatus", status);
      const cause = step(machine);
      expect({ name, cause }).toEqual({ name, cause: allowed ? undefined : 2n });
      if (!allowed) expect(machine.get("mtval")).toBe(BigInt(word));
    }
  });

  it("are where the test looks for them", () => {
    const machine = machineWith([csrrw(0, 0x340, A1)], 3, 7n);
    step(machine);
    expect(machine.view.getBigUint64(address.mscratch, true)).toBe(7n);
  });
});
