import { describe, expect, it } from "vitest";
import { HeadHealth, type HeadSight } from "../../src/chain/health.ts";
import type { HealthEvent } from "../../src/chain/ledgerEvents.ts";

/** Sees one head after another, a poll each 30 seconds; says what was said. */
class Watch {
  readonly said: string[] = [];
  private monotonic = 5_000_000;
  readonly health: HeadHealth;

  constructor(headAgeSeconds = 120) {
    this.health = new HeadHealth(headAgeSeconds, (event: HealthEvent) => {
      this.said.push(`${event.kind}${event.healed ? " no more" : ""}`);
    });
  }

  /** @param wall how many seconds this host's clock is ahead of the head's time. */
  see(number: number, wall: number, isBehind = false): void {
    this.monotonic += 30;
    const head = { number, hash: `0x${number}`, parentHash: `0x${number - 1}`, timestamp: 12 * number };
    const sight: HeadSight = { head, isBehind, wall: head.timestamp + wall, monotonic: this.monotonic, host: "fake" };
    this.health.observe(sight);
  }
}

describe("the head's health", () => {
  it("is not worth a word while blocks come", () => {
    const watch = new Watch();
    for (let number = 1; number < 20; number++) watch.see(number, 5);
    expect(watch.said).toEqual([]);
  });

  it("says once that the head is old, and once that it is not any more", () => {
    const watch = new Watch();
    watch.see(1, 2);
    watch.see(2, 2);
    for (let age = 30; age <= 300; age += 30) watch.see(2, age);
    expect(watch.said).toEqual(["head old"]);
    watch.see(3, 2);
    expect(watch.said).toEqual(["head old", "head old no more"]);
  });

  it("says so at the first look where the head is old from the beginning", () => {
    const watch = new Watch();
    watch.see(1, 5000);
    expect(watch.said).toEqual(["head old"]);
  });

  it.each([3600, -3600])("says of a clock that is %i s off only that it is, while blocks come", (off) => {
    const watch = new Watch();
    for (let number = 1; number < 20; number++) watch.see(number, off);
    expect(watch.said.at(-1)).toBe("clock differs");
    for (let number = 20; number < 30; number++) watch.see(number, 3);
    expect(watch.said.slice(-2)).toEqual(["clock differs", "clock differs no more"]);
    expect(watch.said.filter((kind) => kind === "clock differs").length).toBe(1);
  });

  it("says that a head went back when it does so twice in a row, and when it is over", () => {
    const watch = new Watch();
    watch.see(10, 1);
    watch.see(9, 1, true);
    watch.see(11, 1);
    expect(watch.said).toEqual([]);
    for (let poll = 0; poll < 4; poll++) watch.see(5, 1, true);
    watch.see(12, 1);
    expect(watch.said).toEqual(["head went back", "head went back no more"]);
  });

  it("says nothing of age and clocks where it is told so", () => {
    const watch = new Watch(0);
    for (let poll = 0; poll < 20; poll++) watch.see(1, 100_000);
    expect(watch.said).toEqual([]);
  });
});
