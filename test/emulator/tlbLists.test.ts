import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { A0, A1, A2, A3, addi, branch, jal, sd, sfenceVma } from "./support/encode.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";

const [root, middle, leaf, data] = [0x1000, 0x2000, 0x3000, 0x5000];
const mapped = 0x4000_0000n;
const flush = (register: number) => sfenceVma | (register << 15);
const loop = (body: readonly number[]) => [
  ...body,
  addi(A2, A2, -1),
  branch(1, A2, 0, -4 * (body.length + 1)),
  jal(0, 0),
];

/** Runs code that lies on a page of 4 KiB of the lower half, for one long tick; rounds that are left, and the data. */
function run(body: readonly number[], rounds: number) {
  const entry = (at: number, flags: number) => (BigInt((base + at) >>> 12) << 10n) | BigInt(flags);
  const x = { [A0]: mapped + BigInt(data), [A1]: 77n, [A2]: BigInt(rounds), [A3]: mapped };
  const machine = boot(codeBytes(loop(body)), { eventsPerTick: 2 ** 20, memory: 1 << 16, x });
  const put = (at: number, value: bigint) => machine.view.setBigUint64(address.guest + at, value, true);
  put(root + 8, entry(middle, 1));
  put(middle, entry(leaf, 1));
  for (let page = 0; page < 16; page++) put(leaf + 8 * page, entry(4096 * page, 0xcf));
  machine.set("satp", (8n << 60n) | BigInt((base + root) >>> 12));
  machine.set("pc", mapped);
  machine.tick();
  const zero = (from: number, to: number) => machine.memory.subarray(from, to).every((byte) => byte === 0);
  expect(machine.get("scause")).toBe(0n);
  expect([zero(address.tlbRead, address.console), zero(address.console, address.pageLine)]).toEqual([true, true]);
  expect(zero(address.pageLine, address.guest)).toBe(true);
  return [machine.x(A2), machine.view.getBigUint64(address.guest + data, true)];
}

/** Rounds that would fill a list more than twice. */
const rounds = 40_000;

describe("the lists of TLB entries", () => {
  it.each([
    ["stores to a page that is flushed each time", [flush(A0), sd(A1, A0, 0)]],
    ["fetches from a page that is flushed each time", [flush(A3)]],
    ["both", [flush(A3), flush(A0), sd(A1, A0, 0)]],
    ["stores after flushes of everything", [sfenceVma, sd(A1, A0, 0)]],
  ])("have room for any number of %s", (_, body) => {
    expect(run(body, rounds)).toEqual([0n, body.includes(sd(A1, A0, 0)) ? 77n : 0n]);
  });
});
