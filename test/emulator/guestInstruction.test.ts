import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { guestInstructionIn, stateBytes } from "../../src/emulator/guestInstruction.ts";
import { readSymbolTable } from "../../src/emulator/symbols.ts";
import { innerLoopOf, placeOf } from "../../src/guest/guestStep.ts";
import { bootSmall, guestSize, stepsOfTick } from "./support/bothTiers.ts";
import { A0, A1, A2, addi, branch, csrrs, ecall, jal, ld, S0, sd, typeR } from "./support/encode.ts";
import { codeBytes } from "./support/machines.ts";
import { base, toElf } from "./support/program.ts";

/** A loop with loads, stores, a call, a float and a system instruction, so that the tick leaves the inner loop often. */
const body = [
  addi(A0, A0, 3),
  sd(A0, S0, 0),
  ld(A1, S0, 0),
  typeR(0x33, 0, 1, A2, A0, A1),
  typeR(0x33, 6, 1, A2, A0, A1),
  // What the inner loop computes with variables that it has for other things too.
  typeR(0x3b, 5, 0x20, A2, A1, A0),
  typeR(0x3b, 0, 1, A2, A1, A0),
  csrrs(A2, 0xc00, 0),
  typeR(0x53, 0, 1, 10, 11, 12),
  jal(1, 8),
  ecall,
  branch(1, A0, 0, -44),
];
const text = [
  "addi a0,a0,3",
  "sd a0,0(s0)",
  "ld a1,0(s0)",
  "mul a2,a0,a1",
  "rem a2,a0,a1",
  "sraw a2,a1,a0",
  "mulw a2,a1,a0",
  "csrrs a2,cycle,zero",
  "fadd.d fa0,fa1,fa2,rne",
  "jal ra,0x8000002c",
  "ecall",
  "bne a0,zero,0x80000000",
];
const order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11];
const events = 70;

/** A guest that executes the body; with page tables its code is at a virtual address. */
function bootBody(isVirtual: boolean) {
  const bytes = new Uint8Array(guestSize);
  bytes.set(codeBytes(body));
  const view = new DataView(bytes.buffer);
  const high = 0xffff_ffc0_0000_0000n;
  const root = 0x10000;
  // One gigabyte page each: the identity for 0x80000000, and the same at the top.
  view.setBigUint64(root + 16, (0x80000n << 10n) | 0xcfn, true);
  view.setBigUint64(root + 8 * 256, (0x80000n << 10n) | 0xcfn, true);
  const at = isVirtual ? high : BigInt(base);
  const csrs = isVirtual ? { satp: (8n << 60n) | BigInt((base + root) / 4096) } : {};
  const x = { [S0]: BigInt(base) + 0x8000n, [A0]: 1n };
  const start = {
    timeDivider: 100,
    firmware: true,
    privilege: 1,
    mstatus: 0x6000n,
    mcounteren: 7,
    scounteren: 7,
    x,
    csrs,
  };
  return { at, machine: bootSmall(bytes, { ...start, eventsPerTick: events, pc: at }) };
}

let loop: ReturnType<typeof innerLoopOf>;

/** The guest's instructions, one after the other, as they are seen before each step of a tick. */
async function seen(machine: ReturnType<typeof bootSmall>) {
  const found: { readonly address: bigint; readonly text: string; readonly mode: string }[] = [];
  for (const { program, state } of stepsOfTick(machine)) {
    loop ??= innerLoopOf(program);
    const read = async (from: number, length: number) => state.memory.slice(from, from + length);
    const head = state.memory.slice(0, stateBytes);
    const instruction = await guestInstructionIn({ head, place: await placeOf(loop, state, read), read });
    if (instruction !== undefined && found.at(-1)?.address !== instruction.address) found.push(instruction);
  }
  return found;
}

describe("the guest's instruction inside a tick", () => {
  it.each([
    ["where it is", false],
    ["through page tables", true],
  ])("is named at every step, in the order in which they are executed, %s", async (_, isVirtual) => {
    const { at, machine } = bootBody(isVirtual);
    const instructions = await seen(machine);
    const offset = at - BigInt(base);
    const words = (instruction: string) =>
      instruction.replace(/0x8000[0-9a-f]+$/, (target) => `0x${(BigInt(target) + offset).toString(16)}`);
    // The weights of the events say how many there are: at least one round, and part of the next.
    expect(instructions.length).toBeGreaterThan(order.length + 2);
    instructions.forEach(({ address: where, text: said, mode }, i) => {
      const index = order[i % order.length]!;
      expect([i, where, said, mode]).toEqual([i, at + BigInt(4 * index), words(text[index]!), "supervisor"]);
    });
  });

  it("is none once the guest has stopped", async () => {
    const { machine } = bootBody(false);
    machine.view.setUint32(address.stop, 1, true);
    expect(await seen(machine)).toEqual([]);
  });

  it("cannot be fetched where there is no memory", async () => {
    const { machine } = bootBody(false);
    machine.view.setBigUint64(address.pc, 0x1000n, true);
    expect((await seen(machine))[0]).toMatchObject({ address: 0x1000n, text: "nothing that can be fetched" });
  });
});

describe("a symbol table", () => {
  const table = readSymbolTable(toElf({ bytes: new Uint8Array(4096) }, { main: base + 16, start: base, $x: base + 8 }));

  it.each([
    [base, "start"],
    [base + 12, "start+0xc"],
    [base + 16, "main"],
    [base + 0x100, "main+0xf0"],
    [base - 4, undefined],
    [base + 2 ** 21, undefined],
  ])("names 0x%i %s", (at, name) => expect(table.at(BigInt(at))).toBe(name));

  it("is refused for what is no ELF file", () => {
    expect(() => readSymbolTable(new Uint8Array(100))).toThrow(expect.objectContaining({ code: "emulator/bad-elf" }));
  });
});
