import { describe, expect, it } from "vitest";
import { guestEnvironment } from "../../src/guest/node/guestEnvironment.ts";
import { maxPrefixTicks } from "../../src/machine/native/sharedPrefix.ts";
import { encodeBuild } from "../support/guestRun.ts";
import { toyEnvironment } from "../support/toyEnvironment.ts";

describe("the boot that builds in a guest share", async () => {
  const guest = guestEnvironment((await toyEnvironment()).manifest, "cache");

  it.each([
    [1n, false],
    [BigInt(maxPrefixTicks), false],
    [BigInt(maxPrefixTicks) + 1n, true],
  ])("with a limit of %i ticks: %j, since the guest could be stopped within it", (tickLimit, shares) => {
    const input = encodeBuild({}, { tickLimit });
    expect(guest.sharedPrefix!(input) !== undefined).toBe(shares);
  });

  it("is that of an input that states no limit, too", () => {
    for (const input of [new Uint8Array(0), new Uint8Array(23).fill(1), new Uint8Array(100)]) {
      expect(guest.sharedPrefix!(input)).toBeDefined();
    }
  });
});
