import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import { disputeCapacity, divideReserve, type WatchedBuild } from "../../src/protocol/reserve.ts";
import { seed } from "../support/seed.ts";

const id = (number: number): Root => hashWords(number);
const build = (number: number, staked = false): WatchedBuild => ({ buildId: id(number), staked });
const names = (set: ReadonlySet<Root>) => [1, 2, 3, 4].filter((number) => set.has(id(number)));

describe("a verifier's reserve", () => {
  it("68: sets one bond aside for every build, the earliest first, and lends none to another", () => {
    const builds = [build(1), build(2), build(3)];
    const { protected: covered, unprotected, setAside, room } = divideReserve(builds, 25n, 10n, 1n);
    expect([names(covered), names(unprotected)]).toEqual([[1, 2], [3]]);
    expect([setAside, room]).toEqual([22n, 0]);
  });

  it("54: takes nothing more for further claims of a build on which a stake is live, but gas", () => {
    const { protected: covered, setAside, room } = divideReserve([build(1), build(2, true)], 23n, 10n, 1n);
    expect(names(covered)).toEqual([1, 2]);
    expect([setAside, room]).toEqual([12n, 1]);
  });

  it("keeps a build protected on which it has a stake, also when its money does not reach for the gas", () => {
    const { protected: covered, unprotected } = divideReserve([build(1), build(2, true)], 0n, 10n, 1n);
    expect([names(covered), names(unprotected)]).toEqual([[2], [1]]);
  });

  it("pays for disputes under way before it protects a new build", () => {
    const { protected: covered } = divideReserve([build(1), build(2, true), build(3, true)], 12n, 10n, 1n);
    expect(names(covered)).toEqual([2, 3]);
  });

  it("passes over a build for which the money does not reach, and counts how many more it could protect", () => {
    expect(names(divideReserve([build(1)], 10n, 10n, 1n).unprotected)).toEqual([1]);
    expect(divideReserve([build(1)], 50n, 10n, 1n)).toMatchObject({ setAside: 11n, room: 3 });
    expect(divideReserve([], 0n, 10n, 1n)).toMatchObject({ setAside: 0n, room: 0 });
  });

  it("never promises more than there is, and a build that comes later never takes protection away", () => {
    const builds = fc.array(fc.boolean(), { maxLength: 6 });
    fc.assert(
      fc.property(builds, fc.bigInt(0n, 100n), fc.bigInt(0n, 5n), (drafts, balance, gas) => {
        const watched = drafts.map((staked, number) => build(number, staked));
        const reserve = divideReserve(watched, balance, 10n, gas);
        expect(reserve.protected.size + reserve.unprotected.size).toBe(watched.length);
        const fresh = watched.filter(({ staked, buildId }) => !staked && reserve.protected.has(buildId));
        const promised = BigInt(fresh.length) * (10n + gas);
        expect(promised <= balance).toBe(true);
        const earlier = watched.filter(({ staked }, i) => staked || i < watched.length - 1);
        const before = divideReserve(earlier, balance, 10n, gas);
        for (const one of before.protected) expect(reserve.protected.has(one)).toBe(true);
      }),
      { seed },
    );
  });

  it("52: reaches for as many claims at once as can be answered in the part of the budget that is not kept", () => {
    expect(disputeCapacity(10, 1000)).toBe(50);
    expect(disputeCapacity(10, 1000, 0)).toBe(100);
    expect(disputeCapacity(600, 1000)).toBe(0);
  });
});
