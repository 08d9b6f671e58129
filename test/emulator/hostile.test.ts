import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { bootSmall, tickBothWays } from "./support/bothTiers.ts";
import { Random } from "./support/random.ts";
import { soup } from "./support/soup.ts";

const caches = [
  [address.scratch, address.scratch + address.scratchSize],
  [address.tlbRead, address.console],
  [address.pageLine, address.guest],
] as const;
const zeros = new Uint8Array(address.guest - address.pageLine);

/** Whether nothing but architecture is left in memory. */
function cachesAreZero(memory: Uint8Array): boolean {
  return caches.every(([from, to]) => Buffer.compare(memory.subarray(from, to), zeros.subarray(0, to - from)) === 0);
}

describe("a guest that makes no sense", () => {
  it("runs the same natively and interpreted, and leaves no caches between ticks", () => {
    let greatest = 0;
    for (let i = 0; i < 24; i++) {
      const random = new Random(seed + i);
      const { bytes, start } = soup(random);
      const eventsPerTick = random.pick([64, 1000, 4096]);
      const machine = bootSmall(bytes, { ...start, eventsPerTick });
      for (let tick = 0; tick < 2; tick++) {
        const { steps, difference } = tickBothWays(machine);
        expect({ i, tick, difference, zero: cachesAreZero(machine.memory) }).toEqual({
          i,
          tick,
          difference: -1,
          zero: true,
        });
        greatest = Math.max(greatest, (steps - 400_000) / eventsPerTick);
      }
    }
    expect(greatest).toBeLessThan(4000);
  });

  it("never ends but as one of the reasons there are, and uses no more than its events in a tick", () => {
    for (let i = 0; i < 100; i++) {
      const random = new Random(1000 * seed + i);
      const { bytes, start } = soup(random);
      const machine = bootSmall(bytes, { ...start, eventsPerTick: 20_000 });
      for (let tick = 0; tick < 5; tick++) {
        const before = machine.view.getBigUint64(address.retired, true);
        machine.tick();
        const after = machine.view.getBigUint64(address.retired, true);
        expect(after - before).toBeLessThanOrEqual(20_000n);
        expect(machine.view.getUint32(address.stop, true)).toBeLessThanOrEqual(3);
        if (i % 10 === 0) expect(cachesAreZero(machine.memory)).toBe(true);
      }
    }
  });
});
