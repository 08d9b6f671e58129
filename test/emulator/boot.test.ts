import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { address, guestBase } from "../../src/emulator/addresses.ts";
import { maxGuestSize, type Start, writeStart } from "../../src/emulator/boot.ts";

const layout = readFileSync(new URL("../../src/emulator/assembly/layout.ts", import.meta.url), "utf8");

/** Numeric constants of the emulator's layout, by their names in camel case. */
const constants = new Map(
  [...layout.matchAll(/^export const ([A-Z_]+): \w+ = (0x[0-9a-f]+|\d+);$/gm)].map(([, name, value]) => [
    name!.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    Number(value),
  ]),
);

describe("the start of a run", () => {
  it.each(Object.entries(address))("has %s where the emulator has it", (name, value) => {
    expect(constants.get(name)).toBe(value);
  });

  it("has guest memory where the emulator has it", () => {
    expect(constants.get("guestBase")).toBe(guestBase);
  });

  const start: Start = {
    guestSize: 4096,
    eventsPerTick: 1,
    timeDivider: 1,
    firmware: false,
    pc: 0n,
    privilege: 3,
  };

  it.each<[string, Partial<Start>, string]>([
    ["no guest memory", { guestSize: 0 }, "emulator/bad-parameter"],
    ["part of a page", { guestSize: 4097 }, "emulator/bad-parameter"],
    ["more than 32-bit addresses reach", { guestSize: maxGuestSize + 4096 }, "emulator/bad-parameter"],
    ["more than there is", { guestSize: 8192 }, "emulator/does-not-fit"],
    ["no events", { eventsPerTick: 0 }, "emulator/bad-parameter"],
    ["ticks that could be longer than a dispute allows", { eventsPerTick: 2 ** 20 + 1 }, "emulator/bad-parameter"],
    ["time that stands still", { timeDivider: 0 }, "emulator/bad-parameter"],
    ["the hypervisor's mode", { privilege: 2 }, "emulator/bad-parameter"],
    ["an output drive without room for its header", { outputDrive: 0x1000, outputSize: 63 }, "emulator/bad-parameter"],
  ])("is refused with %s", (_, change, code) => {
    const memory = new Uint8Array(address.guest + 4096);
    expect(() => writeStart(memory, { ...start, ...change })).toThrow(expect.objectContaining({ code }));
  });
});
