import { describe, expect, it } from "vitest";
import { disputeSeconds } from "../../src/protocol/parameters.ts";
import { toyBuild, wrongRun } from "../support/fakeBuilds.ts";
import { accomplice, ether, FakeWorld, stranger, verifierAddress } from "../support/fakeWorld.ts";

const { parameters } = new FakeWorld();
const windowSeconds = 1004;

/** A solver with a claim on a requested build that it has just revealed. */
async function claimed() {
  const world = new FakeWorld();
  const solver = world.solver({ solver: { challengeContradictions: false } });
  const buildId = await world.request(1);
  await solver.act();
  world.chain.pass(parameters.minCommitAgeSeconds);
  await solver.act();
  await solver.look();
  const [claim] = solver.ledger.history.claims.values();
  return { world, solver, buildId, claim: claim!, chain: world.chain, revealedAt: world.chain.time };
}

type Scene = Awaited<ReturnType<typeof claimed>>;

/** Whether the solver finalizes its claim at a second, and the contract lets it. */
async function finalizesAt({ solver, chain }: Scene, second: number): Promise<boolean> {
  chain.time = second;
  await solver.act();
  expect(solver.sender.refusals).toEqual([]);
  return solver.moves.includes("finalize");
}

describe("a claim is finalized by its solver", () => {
  it("in the first second after its window", async () => {
    const scene = await claimed();
    expect(await finalizesAt(scene, scene.revealedAt + windowSeconds - 1)).toBe(false);
    expect(await finalizesAt(scene, scene.revealedAt + windowSeconds)).toBe(true);
  });

  it("not while a challenge is open", async () => {
    const scene = await claimed();
    scene.chain.pass(windowSeconds - 1);
    await scene.world.challenge(stranger, scene.claim);
    expect(await finalizesAt(scene, scene.chain.time + 1)).toBe(false);
    // The solver answers at once; the challenger lets its time pass.
    expect(await finalizesAt(scene, scene.chain.time + parameters.challengerBudgetSeconds + 1)).toBe(false);
    expect(scene.solver.moves.at(-1)).toBe("solver");
    expect(await finalizesAt(scene, scene.chain.time)).toBe(true);
  });

  it("not while a living claim has another final root, and after that not before the reaction time is over", async () => {
    const scene = await claimed();
    const { world, chain, revealedAt } = scene;
    const other = await world.claim(stranger, wrongRun(1));
    await world.challenge(accomplice, other);
    chain.pass(parameters.solverBudgetSeconds);
    expect(await finalizesAt(scene, revealedAt + windowSeconds + 500)).toBe(false);
    await world.end(accomplice, "timeoutSolver", other);
    const calm = chain.time + parameters.reactionSeconds;
    expect(await finalizesAt(scene, calm - 1)).toBe(false);
    expect(await finalizesAt(scene, calm)).toBe(true);
  });

  it("once", async () => {
    const scene = await claimed();
    await finalizesAt(scene, scene.revealedAt + windowSeconds);
    await scene.solver.actAll();
    expect(scene.solver.moves.filter((move) => move === "finalize")).toHaveLength(1);
  });
});

describe("a claim of somebody else", () => {
  it.each([
    ["right", toyBuild(1), 1],
    ["wrong", wrongRun(1), 0],
  ])("that is %s a verifier finalizes after a reaction time of patience, or not at all", async (_, trace, times) => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    // No money for a challenge: the wrong claim stays open.
    world.chain.balances.set(verifierAddress, 0n);
    await world.claim(stranger, trace);
    const due = world.chain.time + windowSeconds + parameters.reactionSeconds;
    world.chain.time = due - 1;
    await verifier.actAll();
    expect(verifier.moves).toEqual([]);
    world.chain.time = due;
    await verifier.actAll();
    expect(verifier.moves.filter((move) => move === "finalize")).toHaveLength(times);
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("from the same account is finalized without patience", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    await world.claim(verifierAddress, toyBuild(1));
    world.chain.pass(windowSeconds);
    await verifier.actAll();
    expect(verifier.moves).toEqual(["finalize"]);
  });
});

describe("the reward on a build", () => {
  it("is fetched with finality, and withdrawn", async () => {
    const scene = await claimed();
    scene.chain.pass(windowSeconds);
    await scene.solver.actAll();
    expect(scene.solver.moves).toEqual(["commit", "reveal", "finalize", "reward"]);
    // The sender of the transaction is paid at once: nothing is owed.
    expect(scene.chain.balanceOf(scene.solver.address)).toBe(10n * ether + ether);
  });

  it("waits for another claim of the build that is open", async () => {
    const scene = await claimed();
    await scene.world.claim(stranger, toyBuild(1));
    await finalizesAt(scene, scene.revealedAt + windowSeconds);
    await scene.solver.actAll();
    expect(scene.solver.moves).not.toContain("reward");
    const { joinDeadline } = scene.solver.ledger.roundOf(scene.buildId);
    const late =
      joinDeadline + parameters.maxWindowSeconds + disputeSeconds(parameters) + parameters.minResponseSeconds;
    scene.chain.time = late - 1;
    await scene.solver.actAll();
    expect(scene.solver.moves).not.toContain("reward");
    scene.chain.time = late;
    await scene.solver.actAll();
    expect(scene.solver.moves).toContain("reward");
    expect(scene.solver.sender.refusals).toEqual([]);
  });

  it("is not asked for again when somebody else has had it paid", async () => {
    const scene = await claimed();
    await finalizesAt(scene, scene.revealedAt + windowSeconds);
    await scene.world.send(stranger, { kind: "payReward", buildId: scene.buildId });
    await scene.solver.actAll();
    expect(scene.solver.moves).not.toContain("reward");
    // Paid by somebody else's transaction it is owed, and has to be withdrawn.
    expect(scene.solver.moves).toContain("withdraw");
    expect(await scene.solver.ports.account.owed()).toBe(0n);
  });

  it("is not asked for where there was no request", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    await world.claim(solver.address, toyBuild(1));
    world.chain.pass(windowSeconds);
    await solver.actAll();
    expect(solver.moves).toEqual(["finalize"]);
  });
});

/** A verifier whose challenge has refuted a wrong claim. */
async function refuted(...others: Parameters<FakeWorld["claim"]>[]) {
  const world = new FakeWorld();
  const verifier = world.verifier();
  await world.claim(stranger, wrongRun(1));
  for (const other of others) await world.claim(...other);
  await verifier.actAll();
  world.chain.pass(parameters.solverBudgetSeconds + 1);
  await verifier.actAll();
  return { world, verifier, chain: world.chain };
}

describe("a stake", () => {
  it("is taken back, and the reward withdrawn, when no claim of the build is open", async () => {
    const { verifier, chain } = await refuted();
    expect(verifier.moves).toEqual(["challenge", "challenger", "return", "withdraw"]);
    const share = (parameters.solverBond * BigInt(1000 - parameters.burnPermille)) / 1000n;
    // What is credited first leaves one wei behind.
    expect(chain.balanceOf(verifierAddress)).toBe(10n * ether + share - 1n);
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("stays while another claim of the build is open, also a right one", async () => {
    const { verifier, chain } = await refuted([stranger, toyBuild(1)]);
    expect(verifier.moves).not.toContain("return");
    chain.pass(windowSeconds + parameters.reactionSeconds);
    await verifier.actAll();
    expect(verifier.moves.slice(-2)).toEqual(["finalize", "return"]);
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("of a challenge whose claim has been refuted in another one comes back after the challenge is closed", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    const claim = await world.claim(stranger, wrongRun(1));
    await world.challenge(accomplice, claim);
    await verifier.actAll();
    await world.end(stranger, "concede", claim);
    await verifier.actAll();
    expect(verifier.moves).toEqual(["challenge", "close", "return"]);
    expect(world.chain.balanceOf(verifierAddress)).toBe(10n * ether);
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("of somebody else is left alone", async () => {
    const world = new FakeWorld();
    const other = world.verifier({}, accomplice);
    await world.claim(stranger, wrongRun(1));
    await other.actAll();
    const verifier = world.verifier();
    world.chain.balances.set(verifierAddress, 0n);
    world.chain.pass(parameters.solverBudgetSeconds + 1);
    await other.act();
    await verifier.actAll();
    expect(verifier.moves).toEqual([]);
  });
});

describe("what is owed", () => {
  it("is asked for once, and not when it is nothing", async () => {
    const scene = await claimed();
    for (let i = 0; i < 2; i++) await scene.solver.look();
    expect(scene.solver.moves).not.toContain("withdraw");
    await finalizesAt(scene, scene.revealedAt + windowSeconds);
    await scene.world.send(stranger, { kind: "payReward", buildId: scene.buildId });
    for (let i = 0; i < 2; i++) await scene.solver.look();
    expect(scene.solver.moves.filter((move) => move === "withdraw")).toHaveLength(1);
  });
});
