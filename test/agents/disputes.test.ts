import { describe, expect, it } from "vitest";
import { toyBuild, wrongRun } from "../support/fakeBuilds.ts";
import { FakeWorld, solverAddress, stranger } from "../support/fakeWorld.ts";

/** A solver whose claim is challenged: it has to answer. */
async function challenged() {
  const world = new FakeWorld();
  const solver = world.solver();
  const claim = await world.claim(solverAddress, toyBuild(1));
  await world.challenge(stranger, claim);
  // Runs the build without looking at the dispute.
  await solver.ledger.refresh();
  const challenge = solver.ledger.history.challengesTo(claim.claimId)[0]!;
  return { world, solver, claim, challenge };
}

describe("a party whose server tells of a challenge that the contract does not keep", () => {
  it("makes no move, distrusts what it has read, and moves when it has read the truth", async () => {
    const { solver, challenge } = await challenged();
    challenge.at = { ...challenge.at, solverLeft: 500 };
    await solver.look();
    expect(solver.ledger.distrusted).toBe(1);
    // The rounds after that read everything again.
    const line = solver.log.find("the events of this challenge do not hash to what the contract keeps");
    expect(line).toMatchObject({ level: "error", facts: { server: "fake server", role: "solver" } });
    await solver.actAll();
    expect(solver.ledger.distrusted).toBe(1);
    expect(solver.moves).toEqual(["solver"]);
    expect(solver.sender.refusals).toEqual([]);
  });

  it("makes no move, and distrusts nothing, when the chain has been reorganised meanwhile", async () => {
    const { solver, challenge } = await challenged();
    challenge.at = { ...challenge.at, solverLeft: 500 };
    solver.ledger.isReorganised = true;
    await solver.look();
    expect([solver.ledger.distrusted, solver.moves]).toEqual([0, []]);
    expect(solver.log.of("error")).toEqual([]);
  });

  it("tells nothing twice after it has read everything again", async () => {
    const { solver, challenge, world } = await challenged();
    world.chain.pass(601);
    await world.end(stranger, "timeoutSolver", { claimId: challenge.claimId });
    await solver.look();
    solver.ledger.distrust();
    await solver.look();
    expect(solver.duties.missedDeadlines).toBe(1);
  });
});

describe("a challenger whose own trace has the end of a challenge's range", () => {
  it("says once that no move is left", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    const claim = await world.claim(stranger, toyBuild(1));
    // A challenge to a right claim that another program has opened with the same key.
    await world.challenge(verifier.address, claim);
    await world.answer(stranger, claim, toyBuild(1));
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.moves).toEqual([]);
    expect(verifier.log.lines.filter(({ message }) => message === "no move left")).toMatchObject([
      { level: "error", facts: { reason: "agrees", role: "challenger" } },
    ]);
  });
});

describe("the moves of a challenger", () => {
  it("have the deadline of its turn", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    const claim = await world.claim(stranger, wrongRun(1));
    await verifier.actAll();
    await world.answer(stranger, claim, wrongRun(1));
    await verifier.look();
    const deadline = world.chain.time + world.parameters.challengerBudgetSeconds;
    expect(verifier.sender.underWay).toMatchObject([{ deadline }]);
  });

  it("are made in the last second of its turn, and not after it, which is said once", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    const claim = await world.claim(stranger, wrongRun(1));
    await verifier.actAll();
    await world.answer(stranger, claim, wrongRun(1));
    world.chain.pass(world.parameters.challengerBudgetSeconds);
    const next = world.verifier();
    await next.look();
    expect(next.sender.size).toBe(1);
    world.chain.pass(1);
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.sender.size).toBe(0);
    expect(verifier.log.lines.filter(({ message }) => message === "no move left")).toMatchObject([
      { level: "error", facts: { reason: "deadline-missed", role: "challenger" } },
    ]);
  });

  it("are made once for each state of the challenge", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    const claim = await world.claim(stranger, wrongRun(1));
    await verifier.actAll();
    const keys = () => verifier.sender.submissions.filter(({ key }) => key.startsWith("challenger"));
    for (const turns of [1, 2]) {
      await world.answer(stranger, claim, wrongRun(1));
      for (let i = 0; i < 3; i++) await verifier.look();
      expect(keys()).toHaveLength(turns);
      await verifier.sender.mine();
      await verifier.look();
    }
    expect(new Set(keys().map(({ key }) => key)).size).toBe(2);
    expect(verifier.sender.refusals).toEqual([]);
  });
});
