import { describe, expect, it } from "vitest";
import { toyBuild, uselessLocator, wrongRun } from "../support/fakeBuilds.ts";
import type { FakeParty } from "../support/fakeParty.ts";
import { accomplice, ether, FakeWorld, stranger, verifierAddress } from "../support/fakeWorld.ts";

const { parameters } = new FakeWorld();
const { challengerBond } = parameters;
const windowSeconds = 1004;

function scene() {
  const world = new FakeWorld();
  return { world, chain: world.chain, verifier: world.verifier() };
}

/** Lets no build end. @returns lets them. */
function holdRuns({ runner }: FakeWorld): () => void {
  let finish = () => {};
  const running = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const run = runner.run.bind(runner);
  runner.run = async (...given) => await running.then(async () => await run(...given));
  return () => finish();
}

/** Claims that the verifier has challenged, by the history. */
function challenged({ ledger }: FakeParty): string[] {
  return [...ledger.history.challenges.values()]
    .filter(({ challenger }) => challenger === verifierAddress)
    .map(({ claimId }) => claimId);
}

describe("a verifier", () => {
  it("challenges a wrong claim, and beats it by a fault proof", async () => {
    const { world, verifier, chain } = scene();
    const claim = await world.claim(stranger, wrongRun(1));
    await verifier.act();
    await verifier.look();
    expect(challenged(verifier)).toEqual([claim.claimId]);
    // A solver that defends the wrong run.
    const defender = world.solver({}, stranger);
    world.runner.changes = { trace: wrongRun(1) };
    await world.request(1, 1n);
    for (let turn = 0; turn < 20 && chain.model.claim(claim.claimId)?.status === "open"; turn++) {
      await defender.act();
      await verifier.act();
    }
    await verifier.look();
    expect(verifier.ledger.history.claims.get(claim.claimId)?.refutation?.cause).toBe("fault");
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("never challenges a right claim", async () => {
    const { world, verifier } = scene();
    await world.claim(stranger, toyBuild(1));
    await verifier.actAll();
    expect(verifier.moves).toEqual([]);
    expect(verifier.log.find("claim is right")?.level).toBe("info");
  });

  it.each([
    [1, ["challenge"]],
    [0, []],
  ])("%d seconds before the end of the window challenges: %j", async (left, moves) => {
    const { world, verifier, chain } = scene();
    await world.claim(stranger, wrongRun(1));
    chain.pass(windowSeconds - left);
    await verifier.actAll();
    expect(verifier.moves).toEqual(moves);
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("challenges after the window while another claim contradicts, and in the reaction time after that", async () => {
    const { world, verifier, chain } = scene();
    const wrong = await world.claim(stranger, wrongRun(1));
    chain.pass(900);
    const other = await world.claim(accomplice, wrongRun(1, 1));
    await world.challenge(accomplice, other);
    chain.pass(parameters.solverBudgetSeconds + 1);
    await verifier.look();
    expect(verifier.moves).toEqual(["challenge"]);
    await world.end(accomplice, "timeoutSolver", other);
    chain.pass(parameters.reactionSeconds - 1);
    await verifier.sender.mine();
    await verifier.actAll();
    expect(challenged(verifier)).toContain(wrong.claimId);
  });

  it("calls the time-out in the first second in which a solver is late", async () => {
    const { world, verifier, chain } = scene();
    await world.claim(stranger, wrongRun(1));
    await verifier.actAll();
    chain.pass(parameters.solverBudgetSeconds);
    await verifier.actAll();
    expect(verifier.moves).toEqual(["challenge"]);
    chain.pass(1);
    await verifier.act();
    expect(verifier.moves).toEqual(["challenge", "challenger"]);
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("challenges a claim although somebody else does already", async () => {
    const { world, verifier } = scene();
    const claim = await world.claim(stranger, wrongRun(1));
    await world.challenge(accomplice, claim);
    await verifier.look();
    expect(verifier.moves).toEqual(["challenge"]);
  });

  it("counts a challenge that it has lost, unless that was before it was started", async () => {
    const { world, verifier, chain } = scene();
    const claim = await world.claim(stranger, wrongRun(1));
    await verifier.actAll();
    await world.answer(stranger, claim, wrongRun(1));
    chain.pass(parameters.challengerBudgetSeconds + 1);
    await world.end(stranger, "timeoutChallenger", claim);
    const next = world.verifier();
    next.agent.startBlock = chain.block;
    for (const party of [verifier, next]) for (let i = 0; i < 2; i++) await party.look();
    expect(verifier.duties.lostChallenges).toBe(1);
    expect(verifier.log.of("error")).toContain("a deadline was missed: the challenge is lost");
    expect(next.duties.lostChallenges).toBe(0);
  });

  it("challenges again, with the next stake, after it has lost one", async () => {
    const { world, verifier, chain } = scene();
    const claim = await world.claim(stranger, wrongRun(1));
    await verifier.actAll();
    await world.answer(stranger, claim, wrongRun(1));
    chain.pass(parameters.challengerBudgetSeconds + 1);
    await world.end(stranger, "timeoutChallenger", claim);
    await verifier.look();
    const { call, key } = verifier.sender.submissions.at(-1)!;
    expect([key, call.value]).toEqual([`challenge ${claim.claimId} 1`, challengerBond]);
    await verifier.sender.mine();
    await verifier.look();
    expect(challenged(verifier)).toEqual([claim.claimId, claim.claimId]);
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("makes a challenge once, also in the next process", async () => {
    const { world, verifier } = scene();
    await world.claim(stranger, wrongRun(1));
    for (let i = 0; i < 2; i++) await verifier.look();
    verifier.restart();
    await verifier.look();
    expect(verifier.moves).toEqual(["challenge"]);
    // Mined, and not confirmed yet: the newest block knows the stake, the history does not.
    verifier.ledger.confirmations = 1;
    await verifier.sender.mine();
    verifier.restart();
    for (let i = 0; i < 2; i++) await verifier.look();
    await verifier.sender.mine();
    expect(verifier.moves.filter((move) => move === "challenge")).toHaveLength(1);
    expect(world.chain.balanceOf(verifierAddress)).toBe(10n * ether - challengerBond);
  });

  it("says as an error, once, and counts that a wrong claim has become final", async () => {
    const { world, verifier, chain } = scene();
    chain.balances.set(verifierAddress, 0n);
    const claim = await world.claim(stranger, wrongRun(1));
    await verifier.look();
    chain.pass(windowSeconds);
    await world.send(stranger, { kind: "finalize", claim: claim.reference, details: claim.details });
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.duties.wrongFinals).toBe(1);
    expect(verifier.log.lines.filter(({ facts }) => facts.alert === "wrong-final")).toHaveLength(1);
  });
});

describe("claims that a verifier cannot check", () => {
  it("are counted, and said once", async () => {
    const { world, verifier } = scene();
    const locator = await uselessLocator(world.store, 1);
    for (let i = 0; i < 2; i++) await world.claim(stranger, toyBuild(1), locator);
    for (let i = 0; i < 3; i++) await verifier.look();
    expect(verifier.duties.uncheckedClaims).toBe(2);
    expect(verifier.log.of("error")).toEqual(["cannot check this claim", "cannot check this claim"]);
  });

  it("are said with the time that is left, as wrong ones are", async () => {
    const { world, verifier, chain } = scene();
    const useless = await world.commit(stranger, toyBuild(1), await uselessLocator(world.store, 1));
    const wrong = await world.commit(stranger, wrongRun(2));
    chain.pass(parameters.minCommitAgeSeconds);
    for (const { reveal } of [useless, wrong]) await world.send(stranger, reveal);
    const windowEnd = chain.time + windowSeconds;
    chain.pass(100);
    for (let i = 0; i < 2; i++) await verifier.look();
    for (const message of ["cannot check this claim", "claim is wrong"]) {
      expect(verifier.log.find(message)?.facts).toMatchObject({ windowEnd, secondsLeft: windowSeconds - 100 });
    }
  });

  it("are not counted any more when another claim says where the inputs are", async () => {
    const { world, verifier } = scene();
    const first = await world.claim(stranger, wrongRun(1), await uselessLocator(world.store, 1));
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.duties.uncheckedClaims).toBe(1);
    await world.claim(accomplice, toyBuild(1));
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.duties.uncheckedClaims).toBe(0);
    await verifier.sender.mine();
    await verifier.look();
    expect(challenged(verifier)).toEqual([first.claimId]);
  });

  it("are not counted any more when they are refuted by somebody else", async () => {
    const { world, verifier } = scene();
    const claim = await world.claim(stranger, wrongRun(1), await uselessLocator(world.store, 1));
    await world.challenge(accomplice, claim);
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.duties.uncheckedClaims).toBe(1);
    await world.end(stranger, "concede", claim);
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.duties.uncheckedClaims).toBe(0);
  });

  it("are those too whose window ends while their build runs", async () => {
    const { world, verifier, chain } = scene();
    await world.claim(stranger, toyBuild(1));
    const finish = holdRuns(world);
    const looking = verifier.look();
    await new Promise(setImmediate);
    chain.pass(windowSeconds);
    const next = world.verifier();
    const late = next.look();
    await new Promise(setImmediate);
    expect(next.log.of("error")).toEqual(["the window ended before the check"]);
    finish();
    await Promise.all([looking, late]);
    await next.look();
    expect(next.duties.uncheckedClaims).toBe(0);
  });
});

describe("a verifier that is started again when the window is over", () => {
  /** Errors while the build is being read again. @param before what the process before does. */
  async function errorsAfter(before: (verifier: FakeParty) => Promise<void>) {
    const { world, verifier, chain } = scene();
    const claim = await world.claim(stranger, toyBuild(1));
    await before(verifier);
    chain.pass(windowSeconds);
    const finish = holdRuns(world);
    verifier.restart();
    const looking = verifier.look();
    await new Promise(setImmediate);
    const errors = verifier.log.of("error");
    const { uncheckedClaims } = verifier.duties;
    finish();
    await looking;
    return { errors, uncheckedClaims, claim, verifier };
  }

  it("says nothing of a claim that the process before has checked, and finalizes it", async () => {
    const { errors, uncheckedClaims, verifier } = await errorsAfter(async (verifier) => await verifier.look());
    expect({ errors, uncheckedClaims }).toEqual({ errors: [], uncheckedClaims: 0 });
    verifier.ports.chain.pass(parameters.reactionSeconds);
    await verifier.look();
    expect(verifier.moves).toEqual(["finalize"]);
    expect(verifier.log.of("info").filter((message) => message === "claim is right")).toHaveLength(1);
  });

  it("says and counts that nobody has checked it", async () => {
    const { errors, uncheckedClaims } = await errorsAfter(async () => {});
    expect({ errors, uncheckedClaims }).toEqual({
      errors: ["the window ended before the check"],
      uncheckedClaims: 1,
    });
  });

  it("compares again where the verdict came from another run", async () => {
    const { verifier, claim } = await errorsAfter(async (verifier) => {
      await verifier.look();
      const [verdict] = verifier.ports.verdicts.load();
      verifier.ports.verdicts.put({ ...verdict!, ownFinalRoot: `0x${"12".repeat(32)}`, isRight: false });
    });
    expect(verifier.ports.verdicts.load()).toMatchObject([{ claimId: claim.claimId, isRight: true }]);
  });

  it("keeps few verdicts on claims that are not open any more", async () => {
    const { verifier, claim } = await errorsAfter(async (verifier) => {
      await verifier.look();
      const [verdict] = verifier.ports.verdicts.load();
      for (let i = 0; i < 300; i++) {
        verifier.ports.verdicts.put({ ...verdict!, claimId: `0x${i.toString(16).padStart(64, "0")}` });
      }
    });
    const kept = () => verifier.ports.verdicts.load().map(({ claimId }) => claimId);
    expect(kept()).toContain(claim.claimId);
    expect(kept()).toHaveLength(1 + 256);
    verifier.ports.chain.pass(parameters.reactionSeconds);
    await verifier.actAll();
    expect(kept()).toHaveLength(256);
  });
});

it("a verifier calls no claim unchecked that a reorganisation has opened again", async () => {
  const { world, verifier, chain } = scene();
  await world.claim(stranger, toyBuild(1));
  await verifier.look();
  chain.pass(windowSeconds + parameters.reactionSeconds);
  await verifier.actAll();
  expect(verifier.moves).toEqual(["finalize"]);
  expect(verifier.log.of("info")).toContain("build final");
  // The block in which the claim was finalized is gone.
  verifier.ledger.distrust();
  verifier.ledger.confirmations = 1;
  const finish = holdRuns(world);
  const looking = verifier.look();
  await new Promise(setImmediate);
  expect(verifier.builds.pending).toBe(true);
  expect(verifier.log.of("error")).toEqual([]);
  expect(verifier.duties.uncheckedClaims).toBe(0);
  finish();
  await looking;
});

describe("the money of a verifier", () => {
  /** Wei for one build: a bond and the gas of a dispute. */
  const each = challengerBond + BigInt(parameters.challengerDisputeGas) * 10n ** 9n;

  it("protects builds in the order in which they came; wrong claims of the others count as unchecked", async () => {
    const { world, verifier, chain } = scene();
    chain.balances.set(verifierAddress, 2n * each);
    const claims = [];
    for (const seed of [1, 2, 3]) claims.push(await world.claim(stranger, wrongRun(seed)));
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.sender.underWay.map(({ key }) => key.split(" ")[1])).toEqual(
      claims.slice(0, 2).map(({ claimId }) => claimId),
    );
    expect(verifier.agent.unprotectedBuilds).toBe(1);
    expect(verifier.duties.uncheckedClaims).toBe(1);
    expect(verifier.log.lines.filter(({ message }) => message.startsWith("no money to protect"))).toHaveLength(1);
  });

  it("counts no right claim as unchecked because the money does not reach it", async () => {
    const { world, verifier, chain } = scene();
    chain.balances.set(verifierAddress, 0n);
    await world.claim(stranger, toyBuild(1));
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.agent.unprotectedBuilds).toBe(1);
    expect(verifier.duties.uncheckedClaims).toBe(0);
  });

  it("protects a build when it has come, and says so again when it is gone", async () => {
    const { world, verifier, chain } = scene();
    chain.balances.set(verifierAddress, 0n);
    await world.claim(stranger, wrongRun(1));
    for (let i = 0; i < 2; i++) await verifier.look();
    chain.balances.set(verifierAddress, each);
    for (let i = 0; i < 2; i++) await verifier.look();
    expect(verifier.moves).toEqual(["challenge"]);
    expect(verifier.duties.uncheckedClaims).toBe(0);
    chain.balances.set(verifierAddress, 0n);
    await verifier.look();
    expect(verifier.log.lines.filter(({ message }) => message.startsWith("no money to protect"))).toHaveLength(2);
  });

  it("that is reserved for one build is not lent to another", async () => {
    const { world, verifier, chain } = scene();
    chain.balances.set(verifierAddress, each);
    await world.claim(stranger, toyBuild(1));
    await world.claim(stranger, wrongRun(2));
    for (let i = 0; i < 3; i++) await verifier.act();
    expect(verifier.moves).toEqual([]);
    expect(verifier.duties.uncheckedClaims).toBe(1);
  });

  it("in a stake that is mined and not confirmed is not missing", async () => {
    const { world, verifier, chain } = scene();
    chain.balances.set(verifierAddress, each);
    await world.claim(stranger, wrongRun(1));
    await verifier.look();
    verifier.ledger.confirmations = 1;
    await verifier.sender.mine();
    await verifier.look();
    expect(verifier.agent.unprotectedBuilds).toBe(0);
    expect(verifier.log.of("error")).toEqual([]);
  });

  it("of the next build is asked for with a warning, once", async () => {
    const { world, verifier, chain } = scene();
    await world.claim(stranger, toyBuild(1));
    const warnings = async (balance: bigint) => {
      chain.balances.set(verifierAddress, balance);
      for (let i = 0; i < 2; i++) await verifier.look();
      return verifier.log.of("warn").length;
    };
    expect(await warnings(2n * each)).toBe(0);
    expect(await warnings(2n * each - 1n)).toBe(1);
  });
});
