import { describe, expect, it } from "vitest";
import type { Withhold } from "../../src/agents/disputes.ts";
import { disputeGasCost } from "../../src/agents/funds.ts";
import { requestIdOf } from "../../src/protocol/claim.ts";
import { toyBuild, wrongRun } from "../support/fakeBuilds.ts";
import type { FakeParty } from "../support/fakeParty.ts";
import { accomplice, ether, FakeWorld, solverAddress, stranger } from "../support/fakeWorld.ts";

const { parameters } = new FakeWorld();

describe("a solver takes on", () => {
  it.each([
    ["what pays the least reward", [1000n], ["commit"]],
    ["what two requests together pay it for", [999n, 1n], ["commit"]],
    ["nothing that pays less", [999n], []],
  ])("%s", async (_, rewards, moves) => {
    const world = new FakeWorld();
    const solver = world.solver({ limits: { minReward: 1000n } });
    for (const reward of rewards) await world.request(1, reward);
    await solver.look();
    expect(solver.moves).toEqual(moves);
    expect(world.runner.runs).toHaveLength(moves.length);
  });

  it("nothing that has expired, nor that pays too little without what has expired", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    await world.request(1, 1000n, 10);
    await world.request(2, 999n);
    await world.request(2, 1000n, 10);
    world.chain.pass(10);
    for (let i = 0; i < 2; i++) await solver.look();
    expect(solver.moves).toEqual([]);
    expect(world.runner.runs).toEqual([]);
    // Anybody can make such requests: no line for each of them.
    expect(solver.log.of("info")).toEqual(["requests passed over: expired, or reward too small"]);
  });

  it("what is requested until one second later", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    await world.request(1, ether, 10);
    world.chain.pass(9);
    await solver.look();
    expect(solver.moves).toEqual(["commit"]);
  });

  it("nothing of which the reward has been taken back", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    const buildId = await world.request(1, ether, 10);
    const request = { requester: stranger, buildId, expiry: world.chain.time + 10, number: 0n };
    world.chain.pass(10);
    await world.send(stranger, { kind: "refundRequest", request });
    await solver.ledger.refresh();
    expect(solver.ledger.history.requests.get(requestIdOf(request))?.refunded).toBe(true);
    await solver.look();
    expect(solver.moves).toEqual([]);
  });

  it("nothing that a living claim of somebody else says already, until that is refuted", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    await world.request(1);
    const claim = await world.claim(stranger, toyBuild(1));
    await solver.look();
    expect(solver.moves).toEqual([]);
    await world.challenge(accomplice, claim);
    await world.end(stranger, "concede", claim);
    await solver.look();
    expect(solver.moves).toEqual(["commit"]);
  });

  it("what somebody else claims with another final root", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    await world.request(1);
    await world.claim(stranger, wrongRun(1));
    await solver.look();
    expect(solver.moves).toEqual(["commit"]);
  });

  it("nothing that it cannot run, and says why, once", async () => {
    const world = new FakeWorld();
    world.runner.isAllowed = false;
    const solver = world.solver();
    await world.request(1);
    for (let i = 0; i < 2; i++) await solver.look();
    expect(solver.moves).toEqual([]);
    expect(solver.log.of("warn")).toEqual(["cannot run this build"]);
  });

  it("several builds at once", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    for (const seed of [1, 2, 3]) await world.request(seed);
    await solver.look();
    expect(solver.moves).toEqual(["commit", "commit", "commit"]);
  });
});

/** A solver with a claim that is revealed. */
async function claimed(options: Parameters<FakeWorld["solver"]>[0] = {}) {
  const world = new FakeWorld();
  const solver = world.solver(options);
  const buildId = await world.request(1);
  await solver.act();
  world.chain.pass(parameters.minCommitAgeSeconds);
  await solver.act();
  await solver.look();
  const [claim] = solver.ledger.history.claims.values();
  return { world, solver, buildId, claim: claim!, chain: world.chain };
}

async function challenge(scene: Awaited<ReturnType<typeof claimed>>, by = stranger, stakeNumber = 0n) {
  await scene.world.challenge(by, scene.claim, stakeNumber);
  return scene.chain.time;
}

const disputeMoves = ({ log }: FakeParty) =>
  log.lines.filter(({ message, facts }) => message === "moved" && facts.role).map(({ facts }) => facts.kind);

describe("a solver with a claim", () => {
  it("answers a challenge at once, by the deadline of its turn", async () => {
    const scene = await claimed();
    const opened = await challenge(scene);
    await scene.solver.look();
    const deadline = opened + parameters.solverBudgetSeconds;
    expect(scene.solver.sender.underWay).toMatchObject([{ deadline }]);
    await scene.solver.sender.mine();
    expect(disputeMoves(scene.solver)).toEqual(["postRow"]);
  });

  it("answers in the last second, and not after it", async () => {
    const scene = await claimed();
    const opened = await challenge(scene);
    scene.chain.time = opened + parameters.solverBudgetSeconds;
    await scene.solver.look();
    expect(scene.solver.sender.size).toBe(1);
    await scene.solver.sender.refuse(scene.solver.sender.underWay[0]!.key, "DeadlinePassed");
    scene.chain.pass(1);
    scene.solver.ports.milliseconds += 1_000;
    await scene.solver.look();
    expect(scene.solver.sender.size).toBe(0);
    expect(scene.solver.log.lines.find(({ message }) => message === "no move left")).toMatchObject({
      level: "error",
      facts: { reason: "deadline-missed", secondsLeft: -1 },
    });
  });

  it("answers all challenges at once: none waits for another", async () => {
    const scene = await claimed();
    for (const by of [stranger, accomplice]) await challenge(scene, by);
    await challenge(scene, stranger, 1n);
    await scene.solver.look();
    expect(scene.solver.sender.size).toBe(3);
  });

  it("waits for the challenger until its time is over, and then calls it", async () => {
    const scene = await claimed();
    await challenge(scene);
    await scene.solver.act();
    scene.chain.pass(parameters.challengerBudgetSeconds);
    await scene.solver.act();
    expect(disputeMoves(scene.solver)).toEqual(["postRow"]);
    scene.chain.pass(1);
    await scene.solver.look();
    // No matter whose turn it was, a time-out has no deadline.
    expect(scene.solver.sender.underWay[0]).not.toHaveProperty("deadline");
    await scene.solver.sender.mine();
    expect(disputeMoves(scene.solver)).toEqual(["postRow", "timeoutChallenger"]);
    expect(scene.solver.sender.refusals).toEqual([]);
  });

  it("makes an answer once, also in the next process", async () => {
    const scene = await claimed();
    await challenge(scene);
    for (let i = 0; i < 2; i++) await scene.solver.look();
    scene.solver.restart();
    await scene.solver.look();
    expect(scene.solver.moves.filter((move) => move === "solver")).toHaveLength(1);
  });

  it("does not answer before the challenge is confirmed", async () => {
    const scene = await claimed();
    scene.solver.ledger.confirmations = 2;
    await challenge(scene);
    await scene.solver.look();
    expect(scene.solver.sender.size).toBe(0);
  });

  it("gives up when its own trace does not have what the claim says", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    const claim = await world.claim(solverAddress, wrongRun(1));
    await world.challenge(stranger, claim);
    await solver.actAll();
    expect(disputeMoves(solver)).toContain("concede");
    expect(solver.log.find("an own claim has been refuted")?.level).toBe("warn");
    expect(solver.duties.missedDeadlines).toBe(0);
  });

  it("keeps back what an injected fault withholds, and counts the deadline that it misses", async () => {
    const withhold: Withhold = ({ kind }) => kind === "postRow";
    const scene = await claimed({ solver: { withhold } });
    await challenge(scene);
    for (let i = 0; i < 2; i++) await scene.solver.look();
    expect(scene.solver.log.of("warn")).toEqual(["withheld"]);
    scene.chain.pass(parameters.solverBudgetSeconds + 1);
    await scene.world.end(stranger, "timeoutSolver", scene.claim);
    for (let i = 0; i < 2; i++) await scene.solver.look();
    expect(scene.solver.duties.missedDeadlines).toBe(1);
    expect(scene.solver.log.of("error")).toContain("a deadline was missed: the claim is lost");
  });

  it("does not count what was missed before it was started", async () => {
    const scene = await claimed({ solver: { withhold: () => true } });
    await challenge(scene);
    scene.chain.pass(parameters.solverBudgetSeconds + 1);
    await scene.world.end(stranger, "timeoutSolver", scene.claim);
    scene.solver.restart();
    scene.solver.agent.startBlock = scene.chain.block;
    await scene.solver.look();
    expect(scene.solver.duties.missedDeadlines).toBe(0);
  });

  it("challenges a claim that contradicts its own, with one stake", async () => {
    const scene = await claimed();
    const other = await scene.world.claim(stranger, wrongRun(1));
    await scene.solver.look();
    const { key, call } = scene.solver.sender.underWay[0]!;
    expect(key).toMatch(/^challenge /);
    expect(call.value).toBe(parameters.challengerBond);
    await scene.solver.sender.mine();
    await scene.solver.look();
    expect(scene.solver.ledger.history.challengesTo(other.claimId)).toMatchObject([{ challenger: solverAddress }]);
  });

  it("leaves contradictions alone if it is told so, or has no money for the bond", async () => {
    const scene = await claimed({ solver: { challengeContradictions: false } });
    await scene.world.claim(stranger, wrongRun(1));
    await scene.solver.look();
    expect(scene.solver.sender.size).toBe(0);
    const poor = await claimed();
    await poor.world.claim(stranger, wrongRun(1));
    poor.chain.balances.set(solverAddress, parameters.challengerBond);
    await poor.solver.look();
    expect(poor.solver.sender.size).toBe(0);
    expect(poor.solver.agent.unprotectedBuilds).toBe(1);
  });

  it("says as an error, once, that a build has become final with another root than it has run", async () => {
    const { world, solver, chain } = await claimed({ solver: { challengeContradictions: false } });
    const own = solver.ledger.history.claims.values().next().value!;
    await world.challenge(stranger, own);
    const other = await world.claim(stranger, wrongRun(1));
    chain.pass(parameters.solverBudgetSeconds + 1);
    await world.end(stranger, "timeoutSolver", own);
    chain.pass(2000);
    await world.send(stranger, { kind: "finalize", claim: other.reference, details: other.details });
    await world.request(2);
    for (let i = 0; i < 2; i++) await solver.look();
    expect(solver.duties.wrongFinals).toBe(1);
    expect(solver.log.lines.filter(({ facts }) => facts.alert === "wrong-final")).toHaveLength(1);
  });
});

describe("a solver whose balance gets low", () => {
  it("says so once, and again after it has been enough", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    await world.request(1, 1n);
    const needed = parameters.solverBond + (await disputeGasCost(solver.agent, "solver"));
    const warnings = async (balance: bigint) => {
      world.chain.balances.set(solverAddress, balance);
      for (let i = 0; i < 2; i++) await solver.look();
      return solver.log.of("warn").length;
    };
    expect(await warnings(needed)).toBe(0);
    expect(await warnings(needed - 1n)).toBe(1);
    expect(await warnings(needed)).toBe(1);
    expect(await warnings(0n)).toBe(2);
  });
});
