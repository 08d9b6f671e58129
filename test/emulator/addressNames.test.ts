import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { describeAddress } from "../../src/emulator/addressNames.ts";

describe("the name of an address in the emulator's memory", () => {
  it.each([
    [address.x, "x0"],
    [address.x + 8 * 5 + 3, "x5"],
    [address.f + 8 * 31, "f31"],
    [address.pc + 7, "pc"],
    [address.satp, "satp"],
    [address.consoleInput + 2, "console input, byte 2"],
    [address.consoleInputRead, "consoleInputRead"],
    [address.inputSize, "inputSize"],
    [address.console + 10, "console, byte 10"],
    [address.tlbRead, "address translation"],
    [address.pageLine, "decoded instructions"],
    [address.guest + 0x200000, "guest memory at 0x80200000"],
    [address.guest - 1, "decoded instructions"],
    [64, undefined],
    [0x1a00, undefined],
  ])("of 0x%i is %s", (at, name) => expect(describeAddress(at)).toBe(name));
});
