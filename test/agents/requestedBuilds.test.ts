import { describe, expect, it } from "vitest";
import { buildsCommittedTo, requestedBuilds } from "../../src/agents/requestedBuilds.ts";
import { toyBuild, wrongRun } from "../support/fakeBuilds.ts";
import { ether, FakeWorld, solverAddress, stranger } from "../support/fakeWorld.ts";

const { maxCommitAgeSeconds: maxAge, solverBudgetSeconds } = new FakeWorld().parameters;

/** A world, and a solver that is asked what it takes on. */
function scene(minReward = 1000n) {
  const world = new FakeWorld();
  const solver = world.solver({ limits: { minReward } });
  const requested = async () => {
    await solver.ledger.refresh();
    return [...requestedBuilds(solver.agent)];
  };
  const committed = async () => {
    await solver.ledger.refresh();
    return [...buildsCommittedTo(solver.agent, solver.claimant)];
  };
  /** A commitment of the solver's own that this process has not made. */
  const commit = async () => await world.commit(solverAddress, wrongRun(9));
  return { world, chain: world.chain, solver, requested, committed, commit };
}

describe("builds that are requested", () => {
  it("are passed over without a word when there are none", async () => {
    const { world, solver, requested } = scene();
    expect(await requested()).toEqual([]);
    const buildId = await world.request(1);
    expect(await requested()).toEqual([buildId]);
    expect(solver.log.lines).toEqual([]);
  });

  it("are counted, once, where they are passed over", async () => {
    const { world, solver, requested } = scene();
    for (const seed of [1, 2]) await world.request(seed, 999n);
    for (let i = 0; i < 2; i++) expect(await requested()).toEqual([]);
    expect(solver.log.lines).toMatchObject([{ level: "info", facts: { builds: 2, least: 1000n } }]);
  });

  it("are passed over without a reward, also where none is too small", async () => {
    const { world, chain, requested } = scene(0n);
    await world.request(1, 1n, 10);
    const paid = await world.request(2, 1n);
    chain.pass(10);
    expect(await requested()).toEqual([paid]);
  });
});

describe("builds that an own commitment may be about", () => {
  it("are none where there is no commitment, or only one of somebody else", async () => {
    const { world, committed } = scene();
    await world.request(1);
    expect(await committed()).toEqual([]);
    await world.commit(stranger, toyBuild(1));
    expect(await committed()).toEqual([]);
  });

  it("are that one alone which this process has committed to", async () => {
    const { world, solver, committed } = scene();
    const buildId = await world.request(1);
    await solver.act();
    await world.request(2);
    expect(solver.moves).toEqual(["commit"]);
    expect(await committed()).toEqual([buildId]);
  });

  it("are looked for until anybody could have ended the commitment for as long again", async () => {
    const { world, chain, committed, commit } = scene();
    const buildId = await world.request(1);
    await commit();
    chain.pass(2 * maxAge);
    expect(await committed()).toEqual([buildId]);
    chain.pass(1);
    expect(await committed()).toEqual([]);
  });

  it.each([
    [0, 0],
    [1, 1],
  ])("have a request that ended %d seconds later than the longest wait before it: %d of 1", async (later, count) => {
    const { world, chain, committed, commit } = scene();
    await world.request(1, ether, 10);
    chain.pass(10 + maxAge - later);
    await commit();
    expect(await committed()).toHaveLength(count);
  });

  it("are looked for from the oldest commitment on", async () => {
    const { world, chain, committed, commit } = scene();
    await world.request(1, ether, 10);
    chain.pass(10);
    await commit();
    chain.pass(maxAge);
    await world.commit(solverAddress, wrongRun(8));
    expect(await committed()).toHaveLength(1);
  });

  it("have enough of a reward in such requests", async () => {
    const { world, chain, committed, commit } = scene();
    for (const seed of [1, 2]) await world.request(seed, 1000n, 10);
    chain.pass(10 + maxAge);
    await world.request(1, 999n);
    const enough = await world.request(2, 1000n);
    await commit();
    expect(await committed()).toEqual([enough]);
  });

  it("have any reward at all, also where none is too small", async () => {
    const { world, chain, committed, commit } = scene(0n);
    await world.request(1, 1n, 10);
    chain.pass(10 + maxAge);
    await commit();
    expect(await committed()).toEqual([]);
  });

  it.each([
    [0, 0],
    [1, 1],
  ])(
    "have become final %d seconds later than the longest wait before it, or not at all: %d of 1",
    async (later, count) => {
      const { world, chain, committed, commit } = scene();
      await world.request(1);
      const claim = await world.claim(stranger, toyBuild(1));
      chain.pass(10 * solverBudgetSeconds);
      await world.send(stranger, { kind: "finalize", claim: claim.reference, details: claim.details });
      chain.pass(maxAge - later);
      await commit();
      expect(await committed()).toHaveLength(count);
    },
  );
});
