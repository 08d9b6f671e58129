import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { finishedToyBuild, toyBuild, wrongRun } from "../support/fakeBuilds.ts";
import { ether, FakeWorld, solverAddress, stranger } from "../support/fakeWorld.ts";

const { minCommitAgeSeconds: minAge, maxCommitAgeSeconds: maxAge, minResponseSeconds } = new FakeWorld().parameters;

/** A solver that has run the one build that is requested, and waits for what the test does next. */
async function requested(...[parameters]: ConstructorParameters<typeof FakeWorld>) {
  const world = new FakeWorld(parameters);
  const solver = world.solver();
  const buildId = await world.request(1);
  return { world, solver, buildId, chain: world.chain };
}

/** The same with a commitment of the solver that is mined. */
async function committed() {
  const scene = await requested();
  await scene.solver.act();
  return { ...scene, committedAt: scene.chain.time, bond: scene.world.parameters.solverBond };
}

describe("a solver that has run a requested build", () => {
  it("commits with the bond", async () => {
    const { world, solver } = await requested();
    await solver.look();
    const { key, call } = solver.sender.underWay[0]!;
    expect(key).toMatch(/^commit 0x/);
    expect(call.value).toBe(world.parameters.solverBond);
  });

  it("commits although somebody else has committed to the same id before", async () => {
    const { world, solver } = await requested();
    await solver.look();
    const claimId = solver.sender.underWay[0]!.key.split(" ")[1] as Root;
    await world.send(stranger, { kind: "commit", claimId, value: world.parameters.solverBond });
    await solver.act();
    world.chain.pass(minAge);
    await solver.actAll();
    expect(solver.moves).toEqual(["commit", "reveal"]);
    expect(solver.sender.refusals).toEqual([]);
    expect(solver.ledger.history.claims.get(claimId)?.solver).toBe(solverAddress);
  });

  it.each([
    [minAge + minResponseSeconds, ["commit"]],
    [minAge + minResponseSeconds - 1, []],
  ])("%d seconds before a round closes commits to %j", async (left, moves) => {
    const { world, solver, buildId, chain } = await requested();
    await world.claim(stranger, wrongRun(1));
    await solver.ledger.refresh();
    chain.time = solver.ledger.roundOf(buildId).joinDeadline - left;
    await solver.look();
    expect(solver.moves).toEqual(moves);
    if (moves.length === 0) expect(solver.log.find("round closes before it could be revealed")?.level).toBe("info");
  });

  it("does not commit when the build is final", async () => {
    const { world, solver, chain } = await requested();
    const claim = await world.claim(stranger, toyBuild(1));
    chain.pass(2000);
    await world.send(stranger, { kind: "finalize", claim: claim.reference, details: claim.details });
    await solver.look();
    const own = await solver.claimant.claimOn(await finishedToyBuild(toyBuild(1)));
    expect(await solver.claimant.advance(own, true)).toBe(false);
    expect(solver.log.find("round closes")).toBeUndefined();
    expect(solver.moves).toEqual([]);
  });

  it.each([
    [0n, false],
    [1n, true],
  ])("with %d wei above the bond commits: %j", async (above, does) => {
    const { world, solver, chain } = await requested();
    chain.balances.set(solverAddress, world.parameters.solverBond + above);
    await solver.look();
    expect(solver.moves).toEqual(does ? ["commit"] : []);
    if (!does) expect(solver.log.find("no claim: the balance does not pay the bond")?.level).toBe("error");
  });

  it.each([
    [1003, false],
    [1004, true],
  ])("claims with a window of 1004 seconds where %d are allowed: %j", async (maxWindowSeconds, does) => {
    const { solver } = await requested({ maxWindowSeconds });
    await solver.look();
    expect(solver.moves).toEqual(does ? ["commit"] : []);
    if (!does) expect(solver.log.find("no claim: its window is longer than the contract allows")?.level).toBe("error");
  });

  it.each([
    [7, false],
    [6, true],
  ])("claims a build with ticks of up to 2^%d steps where 2^6 are allowed: %j", async (maxLog2Steps, does) => {
    const { world, solver } = await requested();
    world.runner.changes = { maxLog2Steps };
    await solver.look();
    expect(solver.moves).toEqual(does ? ["commit"] : []);
    if (!does) expect(solver.log.find("no claim: its ticks may have more steps")?.level).toBe("error");
  });

  it.each([
    // Half the budget are 300 seconds; a tick takes 64.
    [4, true],
    [5, false],
  ])(
    "on a slow machine commits when %d challenges at once are to be answered: %j",
    async (parallelChallenges, does) => {
      const world = new FakeWorld();
      const solver = world.solver({ limits: { parallelChallenges } });
      const measure = { reachSeconds: 0, interpretSeconds: 1000, processorSeconds: 1000, steps: 1000 };
      world.runner.changes = { measure };
      await world.request(1);
      await solver.look();
      expect(solver.moves).toEqual(does ? ["commit"] : []);
      if (!does) expect(solver.log.find("no claim: its disputes could not be answered")?.level).toBe("error");
    },
  );

  it("says once, not each round, why it does not claim", async () => {
    const { world, solver } = await requested();
    world.runner.changes = { maxLog2Steps: 7 };
    for (let i = 0; i < 3; i++) await solver.look();
    expect(solver.log.of("error")).toHaveLength(1);
  });
});

describe("a solver that has committed", () => {
  it("reveals as soon as that is allowed, and by the end of the commitment", async () => {
    const { solver, chain, committedAt } = await committed();
    chain.time = committedAt + minAge - 1;
    await solver.look();
    expect(solver.sender.size).toBe(0);
    chain.time = committedAt + minAge;
    await solver.look();
    expect(solver.sender.underWay).toMatchObject([{ deadline: committedAt + maxAge }]);
    await solver.sender.mine();
    expect(solver.sender.refusals).toEqual([]);
    expect(solver.moves).toEqual(["commit", "reveal"]);
  });

  it("reveals before an open round closes", async () => {
    const { world, solver, buildId, chain } = await requested();
    await world.claim(stranger, wrongRun(1));
    chain.pass(500);
    await solver.act();
    chain.pass(minAge);
    await solver.look();
    const { joinDeadline } = solver.ledger.roundOf(buildId);
    expect(solver.sender.underWay).toMatchObject([{ deadline: joinDeadline }]);
  });

  it("reveals in the last second", async () => {
    const { solver, chain, committedAt } = await committed();
    chain.time = committedAt + maxAge;
    await solver.act();
    expect(solver.moves).toEqual(["commit", "reveal"]);
    expect(solver.sender.refusals).toEqual([]);
  });

  it("ends the commitment when the time to reveal is over, and counts it once", async () => {
    const { solver, chain, committedAt } = await committed();
    chain.time = committedAt + maxAge + 1;
    for (let i = 0; i < 2; i++) await solver.look();
    expect(solver.duties.missedDeadlines).toBe(1);
    expect(solver.log.of("error")).toEqual(["the claim was not revealed in time"]);
    await solver.sender.mine();
    expect(solver.moves).toEqual(["commit", "expire"]);
    expect(solver.sender.refusals).toEqual([]);
  });

  it("claims again, under another id, when its commitment has ended without a claim", async () => {
    const { solver, chain, committedAt } = await committed();
    chain.time = committedAt + maxAge + 1;
    await solver.act();
    await solver.act();
    chain.pass(minAge);
    await solver.act();
    expect(solver.moves).toEqual(["commit", "expire", "commit", "reveal"]);
    expect(solver.sender.refusals).toEqual([]);
    const ids = solver.sender.submissions.map(({ key }) => key.split(" ")[1]);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).toBe(ids[3]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it("takes the whole bond back, by the end of the commitment, when the round closes before it could reveal", async () => {
    const { world, solver, buildId, chain } = await requested();
    await world.claim(stranger, wrongRun(1));
    await solver.look();
    const { joinDeadline } = solver.ledger.roundOf(buildId);
    const before = chain.balanceOf(solverAddress);
    const committedAt = joinDeadline - minAge;
    chain.time = committedAt;
    await solver.sender.mine();
    await solver.look();
    expect(solver.sender.underWay).toMatchObject([{ deadline: committedAt + maxAge }]);
    await solver.sender.mine();
    expect(solver.moves).toEqual(["commit", "return"]);
    expect(chain.balanceOf(solverAddress)).toBe(before);
  });

  it("reveals in the last second in which it can join", async () => {
    const { world, solver, buildId, chain } = await requested();
    await world.claim(stranger, wrongRun(1));
    await solver.look();
    chain.time = solver.ledger.roundOf(buildId).joinDeadline - minAge - 1;
    await solver.act();
    chain.pass(minAge);
    await solver.act();
    expect(solver.moves).toEqual(["commit", "reveal"]);
    expect(solver.sender.refusals).toEqual([]);
  });

  it("does not try to reveal while a round is closed to it; it may join the next", async () => {
    const { world, solver, buildId, chain } = await requested();
    const claim = await world.claim(stranger, wrongRun(1));
    await world.challenge(stranger, claim);
    await solver.look();
    const { joinDeadline } = solver.ledger.roundOf(buildId);
    chain.time = joinDeadline - minAge - 1;
    await solver.act();
    // Nobody looks until it is too late.
    chain.time = joinDeadline;
    await solver.act();
    expect(solver.moves).toEqual(["commit"]);
    await world.end(stranger, "timeoutSolver", claim);
    await solver.act();
    expect(solver.moves).toEqual(["commit", "reveal"]);
    expect(solver.sender.refusals).toEqual([]);
  });

  it("is found again by the next process, which reveals and does not commit a second time", async () => {
    const { solver, chain } = await committed();
    solver.restart();
    await solver.look();
    expect(solver.moves).toEqual(["commit"]);
    chain.pass(minAge);
    solver.restart();
    await solver.act();
    expect(solver.moves).toEqual(["commit", "reveal"]);
    expect(solver.sender.refusals).toEqual([]);
  });

  it("commits once while the commitment is under way, also in the next process", async () => {
    const { solver } = await requested();
    for (let i = 0; i < 3; i++) await solver.look();
    solver.restart();
    await solver.look();
    expect(solver.moves).toEqual(["commit"]);
  });

  it.each([
    ["", false],
    [", also in the next process", true],
  ])(
    "reveals although the request expires in between%s: attack, rewards that lead to commitments only",
    async (_, restarts) => {
      const world = new FakeWorld();
      const solver = world.solver();
      await world.request(1, ether, 1);
      await solver.look();
      world.chain.pass(12);
      await solver.sender.mine();
      world.chain.pass(minAge);
      if (restarts) solver.restart();
      await solver.act();
      expect(solver.moves).toEqual(["commit", "reveal"]);
      expect(solver.duties.missedDeadlines).toBe(0);
    },
  );

  it("does not run builds of expired requests because of a commitment that this process has made", async () => {
    const { world, solver, chain, buildId } = await committed();
    await world.request(2, ether, 1);
    chain.pass(1);
    await solver.look();
    expect(world.runner.runs).toEqual([buildId]);
  });

  it("takes the whole bond back although the build is final", async () => {
    const { world, solver, buildId, chain } = await requested();
    const claim = await world.claim(stranger, wrongRun(1));
    await solver.look();
    const before = chain.balanceOf(solverAddress);
    chain.time = solver.ledger.roundOf(buildId).joinDeadline;
    await solver.sender.mine();
    chain.pass(10);
    await world.send(stranger, { kind: "finalize", claim: claim.reference, details: claim.details });
    await solver.act();
    expect(solver.moves).toEqual(["commit", "return"]);
    expect(chain.balanceOf(solverAddress)).toBe(before);
  });
});
