import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noneUndone } from "../../src/agents/duties.ts";
import { provenStep } from "../../src/chain/provenStep.ts";
import { AgentWorld } from "../support/agentWorld.ts";

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.start();
});
afterEach(() => world.close());

describe("a solver that claims a wrong state", () => {
  it.each([
    ["memory", "memory@1:1000", { tick: 1, step: 999 }],
    ["a register", "register@1:77", { tick: 1, step: 76 }],
    ["the stack", "stack@1:500", { tick: 1, step: 499 }],
    ["a global", "global@1:9", { tick: 1, step: 8 }],
    ["the result record", "record", undefined],
  ])("is refuted by the one step at which it changed %s", async (_, fault, place) => {
    await world.request(await world.source("wrong"));
    const wrongSolver = await world.solver([fault]);
    const verifier = await world.verifier();
    const claim = await world.until("a refutation", ({ ledger }) =>
      [...ledger.history.claims.values()].find(({ refutation }) => refutation),
    );
    expect(claim.solver).toBe(wrongSolver.wallet.address);
    expect(claim.refutation).toMatchObject({ cause: "fault", rewarded: verifier.wallet.address });
    const step = await provenStep(world.chain.provider, claim.refutation!.transaction);
    expect(step).toBeDefined();
    if (place !== undefined) expect(step).toEqual(place);
    expect(await verifier.stop()).toEqual(noneUndone());
  });
});

describe("a solver that tells a wrong number of steps", () => {
  it("is refuted in the opened tick", async () => {
    await world.request(await world.source("steps"));
    await world.solver(["memory@1:900", "steps@1"]);
    await world.verifier();
    const claim = await world.until("a refutation", ({ ledger }) =>
      [...ledger.history.claims.values()].find(({ refutation }) => refutation),
    );
    expect(claim.refutation!.cause).toBe("fault");
    expect(await provenStep(world.chain.provider, claim.refutation!.transaction)).toMatchObject({ tick: 1 });
  });
});

describe("a solver that stops answering", () => {
  it.each(["withhold@0", "silent@0", "silent@2"])("loses its claim by the time-out (%s)", async (fault) => {
    await world.request(await world.source("silent"));
    const wrongSolver = await world.solver(["memory@1:1000", fault]);
    const verifier = await world.verifier();
    const challenge = await world.until("a challenge that stands still", ({ ledger }) =>
      [...ledger.history.challenges.values()].find(({ selections }) => selections >= Number(fault.at(-1))),
    );
    await world.skip(world.chain.parameters.solverBudgetSeconds + 1);
    const claim = await world.until(
      "a refutation",
      () => world.claimOf(wrongSolver.wallet)?.refutation && world.claimOf(wrongSolver.wallet),
    );
    expect(claim.refutation).toMatchObject({
      cause: "timeout",
      challengeId: challenge.id,
      rewarded: verifier.wallet.address,
    });
    await world.until("the wrong solver to notice", () =>
      wrongSolver.entries.find(({ message }) => /deadline was missed/.test(message)),
    );
    expect(await wrongSolver.stop()).toMatchObject({ missedDeadlines: 1 });
    expect(await verifier.stop()).toEqual(noneUndone());
  });
});

describe("two verifiers against one wrong solver", () => {
  it("both get their bonds back, and one of them the reward", async () => {
    await world.request(await world.source("two"));
    const wrongSolver = await world.solver(["memory@1:1000"]);
    const verifiers = [await world.verifier(), await world.verifier()];
    await world.until("the refutation", () => world.claimOf(wrongSolver.wallet)?.refutation);
    await world.until("both bonds back", ({ ledger }) => {
      const challenges = [...ledger.history.challenges.values()];
      return challenges.length === 2 && challenges.every(({ status }) => status === "closed");
    });
    const { rewarded, paid } = world.claimOf(wrongSolver.wallet)!.refutation!;
    expect(verifiers.map(({ wallet }) => wallet.address)).toContain(rewarded);
    expect(paid).toBe(world.chain.parameters.solverBond / 2n);
    for (const verifier of verifiers) expect(await verifier.stop()).toEqual(noneUndone());
  });
});

describe("several builds at once", () => {
  it("are claimed, disputed and finalized side by side", async () => {
    const builds = [await world.request(await world.source("one")), await world.request(await world.source("two"))];
    const honest = await world.solver();
    await world.until("two honest claims", ({ ledger }) => ledger.history.claims.size === 2);
    const wrongSolver = await world.solver(["memory@1:100"]);
    await world.verifier();
    await world.until("two refutations", ({ ledger }) => {
      const wrong = [...ledger.history.claims.values()].filter(({ solver }) => solver === wrongSolver.wallet.address);
      return wrong.length === 2 && wrong.every(({ refutation }) => refutation);
    });
    await world.skip(2000);
    await world.until("both builds final", ({ ledger }) =>
      builds.every((buildId) => {
        const { finalClaim } = ledger.history.builds.get(buildId)!;
        return finalClaim !== undefined && ledger.history.claims.get(finalClaim)!.solver === honest.wallet.address;
      }),
    );
    expect(await honest.stop()).toEqual(noneUndone());
  });
});
