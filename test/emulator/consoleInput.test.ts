import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { putConsoleInput } from "../../src/emulator/console.ts";
import { seed } from "../support/seed.ts";
import { bootSmall, guestSize, tickBothWays } from "./support/bothTiers.ts";
import { A0, A1, A2, A6, A7, addi, branch, ecall, jal, S0, T0 } from "./support/encode.ts";
import { codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";
import { Random } from "./support/random.ts";

const buffer = 0x8000;
const utf8 = new TextEncoder();
const invalidParameter = -3n;

/** A guest that asks for console input with each tick; its answer is in A0 (error) and A1 (bytes). */
function reader(wanted: bigint, { to = BigInt(base + buffer), high = 0n } = {}) {
  const start = { timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), eventsPerTick: 1 };
  const machine = bootSmall(codeBytes([ecall, jal(0, -4)]), start);
  const set = (register: number, value: bigint) => machine.view.setBigUint64(address.x + 8 * register, value, true);
  const get = (register: number) => machine.view.getBigInt64(address.x + 8 * register, true);
  return {
    memory: machine.memory,
    read: () => {
      const inputs = { [A0]: wanted, [A1]: to, [A2]: high, [A6]: 1n, [A7]: 0x4442434en };
      for (const [register, value] of Object.entries(inputs)) set(Number(register), value);
      machine.view.setBigUint64(address.pc, BigInt(base), true);
      const { difference } = tickBothWays(machine);
      expect(difference).toBe(-1);
      return { error: get(A0), count: Number(get(A1)) };
    },
    got: (count: number) => machine.memory.slice(address.guest + buffer, address.guest + buffer + count),
  };
}

describe("console input", () => {
  it("is nothing in a run that nobody types into, whatever the guest asks for", () => {
    for (const [wanted, to] of [
      [16n, BigInt(base + buffer)],
      [1n << 60n, 5n],
    ] as const) {
      const guest = reader(wanted, { to });
      expect(guest.read()).toEqual({ error: 0n, count: 0 });
      const input = guest.memory.subarray(address.consoleInput, address.consoleInput + address.consoleInputSize);
      expect([...guest.memory.subarray(address.consoleInputCount, address.consoleInputRead + 4), ...input]).toEqual(
        Array<number>(8 + address.consoleInputSize).fill(0),
      );
    }
  });

  it("comes to the guest whole and in order, in pieces of any size", () => {
    const random = new Random(seed);
    const typed = Uint8Array.from({ length: 300 }, () => random.below(256));
    for (const wanted of [7n, 16n, 1n << 40n]) {
      const guest = reader(wanted);
      const got: number[] = [];
      let put = 0;
      for (let empty = 0; empty < 1; ) {
        put += putConsoleInput(guest.memory, typed.subarray(put));
        const { error, count } = guest.read();
        expect(error).toBe(0n);
        expect(count).toBeLessThanOrEqual(Math.min(Number(wanted), 64));
        got.push(...guest.got(count));
        if (count === 0) empty++;
      }
      expect(got).toEqual([...typed]);
    }
  });

  it("is not lost while earlier bytes are unread", () => {
    const guest = reader(3n);
    expect(putConsoleInput(guest.memory, utf8.encode("abcd"))).toBe(4);
    expect(putConsoleInput(guest.memory, utf8.encode("efgh"))).toBe(0);
    expect([guest.read().count, guest.got(3)]).toEqual([3, utf8.encode("abc")]);
    expect(putConsoleInput(guest.memory, utf8.encode("efgh"))).toBe(0);
    expect([guest.read().count, guest.got(1)]).toEqual([1, utf8.encode("d")]);
    expect(putConsoleInput(guest.memory, utf8.encode("efgh"))).toBe(4);
  });

  it.each([
    ["outside of memory", { to: 5n }],
    ["across its end", { to: BigInt(base + guestSize - 2) }],
    ["beyond 64 bits", { high: 1n }],
  ])("is refused to a buffer %s, and stays", (_, where) => {
    const guest = reader(4n, where);
    putConsoleInput(guest.memory, utf8.encode("abcd"));
    expect(guest.read()).toEqual({ error: invalidParameter, count: 0 });
    expect(guest.memory[address.consoleInputRead]).toBe(0);
  });

  it("is none where its count cannot be", () => {
    const guest = reader(4n);
    const view = new DataView(guest.memory.buffer);
    view.setUint32(address.consoleInputCount, address.consoleInputSize + 1, true);
    expect(guest.read()).toEqual({ error: 0n, count: 0 });
  });

  it("changes code that has been decoded in the same tick", () => {
    // The loop's first instruction adds 1; what is typed over it adds 16.
    const words = [addi(S0, S0, 1), ecall, addi(A1, A2, 0), addi(T0, T0, -1), branch(1, T0, 0, -16), jal(0, 0)];
    const x = { [A0]: 4n, [A1]: BigInt(base), [A6]: 1n, [A7]: 0x4442434en, [T0]: 3n };
    const start = { timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), x, eventsPerTick: 100 };
    const machine = bootSmall(codeBytes(words), start);
    putConsoleInput(machine.memory, codeBytes([addi(S0, S0, 16)]));
    expect(tickBothWays(machine).difference).toBe(-1);
    expect(machine.view.getBigUint64(address.x + 8 * S0, true)).toBe(33n);
  });
});
