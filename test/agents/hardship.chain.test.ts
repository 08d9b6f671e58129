import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { Interface } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/agents/agent.ts";
import { noneUndone } from "../../src/agents/duties.ts";
import { parseFault } from "../../src/agents/faults/injectedFault.ts";
import { identifyBuild } from "../../src/build/node/identifyBuild.ts";
import { chainTime, createAssaySender } from "../../src/chain/assay.ts";
import { assayCalls } from "../../src/chain/claims.ts";
import { defaultFeePolicy } from "../../src/chain/outbox/call.ts";
import { fetchPublication, publish } from "../../src/client/publication.ts";
import type { Root } from "../../src/core/bytes.ts";
import { kindOf } from "../../src/protocol/challenge.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";
import { AgentWorld, type RunningDaemon } from "../support/agentWorld.ts";
import { cloneClaim } from "../support/clonedClaim.ts";
import { startFaultyProxy } from "../support/faultyProxy.ts";

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.start();
});
afterEach(() => world.close());

const refutedBy = (claimId: Root) => world.ledger.history.claims.get(claimId)?.refutation?.rewarded;
const claimOn = (buildId: Root) =>
  [...world.ledger.history.claims.values()].find(({ fields }) => fields.buildId === buildId);
const refuted = () => [...world.ledger.history.claims.values()].find(({ refutation }) => refutation);

/** Waits for a solver's claim on this build, and sees that it has neither claimed nor committed to anything else. */
async function claimsOnly(solver: RunningDaemon, buildId: Root): Promise<void> {
  const claim = await world.until("a claim", () => claimOn(buildId));
  expect(claim.solver).toBe(solver.wallet.address);
  expect(await solver.stop()).toEqual(noneUndone());
  await world.ledger.refresh();
  const { claims, commitments } = world.ledger.history;
  expect([claims.size, commitments.size]).toEqual([1, 0]);
}

describe("an RPC server that stalls and fails in the middle of a dispute (attack 33)", () => {
  it("delays a verifier and costs it nothing", async () => {
    const proxy = await startFaultyProxy(world.server.url);
    try {
      await world.request(await world.source("stall"));
      await world.solver(["memory@1:1000"]);
      const verifier = await world.verifier({ rpc: proxy.url });
      await world.until("a challenge", ({ ledger }) => ledger.history.challenges.size > 0);
      let requests = 0;
      proxy.behave(() => {
        requests++;
        if (requests % 7 === 0) return { status: 502, body: "bad gateway" };
        return requests === 20 || requests === 60 ? "stall" : "pass";
      });
      expect((await world.until("the refutation", refuted)).refutation!.cause).toBe("fault");
      proxy.behave(() => "pass");
      expect(await verifier.stop()).toEqual(noneUndone());
      expect(requests).toBeGreaterThan(50);
    } finally {
      await proxy.close();
    }
  });
});

describe("an RPC server that invents events (attack 33)", () => {
  it("is seen by the word that the contract keeps, and costs a verifier nothing but time", async () => {
    const proxy = await startFaultyProxy(world.server.url);
    try {
      await world.request(await world.source("invented"));
      const wrong = await world.solver(["memory@1:1000"]);
      await world.until("the wrong claim", () => world.claimOf(wrong.wallet));
      const answered = new Interface(IAssay__factory.abi).getEvent("Answered")!.topicHash;
      // The end of the range is another one, everywhere it is told of.
      const invent = (log: { topics: string[]; data: string }) => {
        if (log.topics[0] !== answered) return log;
        const at = 2 + 64 * 4;
        return { ...log, data: `${log.data.slice(0, at)}${"5a".repeat(32)}${log.data.slice(at + 64)}` };
      };
      let invents = true;
      proxy.behave(({ method }) =>
        method === "eth_getLogs" && invents ? { change: (logs) => (logs as never[]).map(invent) } : "pass",
      );
      const verifier = await world.verifier({ rpc: proxy.url });
      await world.until("the complaint", () =>
        verifier.entries.find(({ level, message }) => level === "error" && /do not hash to what/.test(message)),
      );
      invents = false;
      expect((await world.until("the refutation", refuted)).refutation!.rewarded).toBe(verifier.wallet.address);
      expect(await verifier.stop()).toEqual(noneUndone());
    } finally {
      await proxy.close();
    }
  });
});

describe("a challenger that is wrong", () => {
  it("loses its bond to the honest solver, whose claim becomes final", async () => {
    await world.request(await world.source("honest"));
    const honest = await world.solver();
    const claim = await world.until("the honest claim", () => world.claimOf(honest.wallet));
    const wrongVerifier = await world.verifier({ faults: [parseFault("memory@1:1000")] });
    await world.until("the dispute's last step", ({ ledger }) =>
      [...ledger.history.challenges.values()].find(
        ({ at: { range } }) => range.level === "steps" && range.log2Length <= 4,
      ),
    );
    await world.until("an attempt to prove what is not so", () =>
      wrongVerifier.entries.find(({ facts }) => /StepIsCorrect/.test(String(facts.why))),
    );
    await world.skip(world.chain.parameters.challengerBudgetSeconds + 1);
    await world.until("the lost challenge", ({ ledger }) =>
      [...ledger.history.challenges.values()].find(({ status }) => status === "lost"),
    );
    await world.skip(2000);
    await world.until(
      "finality",
      ({ ledger }) => ledger.history.builds.get(claim.fields.buildId)?.finalClaim === claim.claimId,
    );
    expect(await honest.stop()).toEqual(noneUndone());
    expect(await wrongVerifier.stop()).toMatchObject({ missedDeadlines: 0, lostChallenges: 1 });
  });
});

describe("clones of a wrong claim (attacks 54 and 66)", () => {
  it("are all brought down by a verifier with one bond, and none of its money is lost", async () => {
    const buildId = await world.request(await world.source("clones"));
    const first = await world.solver(["memory@1:1000"]);
    const claim = await world.until("the wrong claim", () => world.claimOf(first.wallet));
    await first.stop();
    for (let i = 0; i < 3; i++) await cloneClaim(world, claim, await world.wallet());
    await world.until("four claims", ({ ledger }) => ledger.history.claims.size === 4);
    const roots = new Set([...world.ledger.history.claims.values()].map(({ fields }) => fields.finalRoot));
    expect(roots.size).toBe(1);
    const { challengerBond, solverBudgetSeconds } = world.chain.parameters;
    const key = await world.wallet("0.15");
    const verifier = await world.verifier({ key });
    await world.until("a challenge to each", ({ ledger }) => ledger.history.challenges.size === 4);
    await world.skip(solverBudgetSeconds + 1);
    const all = [...world.ledger.history.claims.values()];
    await world.until("all refuted", () => all.every(({ claimId }) => refutedBy(claimId) === key.address));
    const stakes = world.ledger.history.stakesOn(buildId, key.address);
    expect(stakes.map(({ stakeNumber }) => stakeNumber)).toEqual([0n]);
    await world.until("the stake back", () => stakes[0]!.status === "returned");
    expect(await verifier.stop()).toEqual(noneUndone());
    const balance = await world.chain.provider.getBalance(key.address);
    expect(balance).toBeGreaterThan(15n * 10n ** 16n);
    expect(challengerBond * 2n).toBeGreaterThan(15n * 10n ** 16n);
  });
});

describe("a verifier whose money does not reach a second build (attack 68)", () => {
  it("keeps its bond for the first, and says which build it does not protect", async () => {
    const junk = await world.request(await world.source("first"));
    const one = await world.solver(["memory@1:1000"]);
    const early = await world.until("the first wrong claim", () => world.claimOf(one.wallet));
    await one.stop();
    const other = await world.request(await world.source("second"));
    const two = await world.solver(["memory@1:1001"]);
    await world.until("the second build's wrong claim", () => claimOn(other));
    const verifier = await world.verifier({ key: await world.wallet("0.15") });
    const { facts } = await world.until("the complaint", () =>
      verifier.entries.find(({ level, message }) => level === "error" && /no money to protect/.test(message)),
    );
    expect(facts).toMatchObject({ build: other, protectedBuilds: 1 });
    const challenged = await world.until("a challenge", ({ ledger }) => [...ledger.history.challenges.values()][0]);
    expect(challenged.claimId).toBe(early.claimId);
    expect(early.fields.buildId).toBe(junk);
    await two.stop();
    expect(await verifier.stop()).toMatchObject({ uncheckedClaims: 1 });
  });
});

describe("a verifier that has lost a challenge (attack 78)", () => {
  it("challenges the claim again, with another stake, as long as that is possible", async () => {
    const own = await AgentWorld.start({ terms: { baseWindowSeconds: 100_000 } });
    try {
      await own.request(await own.source("again"));
      const wrong = await own.solver(["memory@1:1000"]);
      const claim = await own.until("the wrong claim", () => own.claimOf(wrong.wallet));
      const key = await own.wallet();
      const asleep = await own.verifier({ key });
      await own.until("the first challenge", ({ ledger }) => ledger.history.challenges.size === 1);
      await asleep.stop();
      await own.until("the solver's answer", ({ ledger }) => {
        const [challenge] = [...ledger.history.challenges.values()];
        return challenge !== undefined && kindOf(challenge.at) !== "answer";
      });
      await own.skip(own.chain.parameters.challengerBudgetSeconds + 1);
      await own.until("the lost challenge", ({ ledger }) =>
        [...ledger.history.challenges.values()].find(({ status }) => status === "lost"),
      );
      const awake = await own.verifier({ key });
      const again = await own.until("the second challenge", ({ ledger }) =>
        ledger.history.challengesTo(claim.claimId).find(({ status }) => status !== "lost"),
      );
      expect(again.stakeNumber).toBe(1n);
      const fallen = await own.until("the refutation", ({ ledger }) =>
        [...ledger.history.claims.values()].find(({ refutation }) => refutation),
      );
      expect(fallen.refutation!.rewarded).toBe(key.address);
      await awake.stop();
    } finally {
      await own.close();
    }
  });
});

describe("a solver", () => {
  it("claims nothing whose disputes it could not answer in time, and says so (attack 52)", async () => {
    await world.request(await world.source("slow"));
    const solver = await world.solver([], { limits: { ...defaultLimits, parallelChallenges: 1_000_000 } });
    const { facts } = await world.until("the refusal", () =>
      solver.entries.find(({ level, message }) => level === "error" && /could not be answered in half/.test(message)),
    );
    expect(facts.needed).toBeGreaterThan(Number(facts.half));
    await solver.stop();
    expect(await world.chain.provider.getTransactionCount(solver.wallet.address)).toBe(0);
  });

  it("leaves a build alone that is longer than its operator allows, and claims the next", async () => {
    const long = await world.request(await world.source("long"));
    const solver = await world.solver([], { limits: { ...defaultLimits, maxTicks: 1 } });
    const { facts } = await world.until("the refusal", () =>
      solver.entries.find(({ message }) => message === "cannot run this build"),
    );
    expect(facts).toMatchObject({ code: "agents/too-long", build: long });
    await claimsOnly(solver, await world.request(await world.source("short", 1)));
  });

  it("leaves a reward alone that is too small, and claims for the next", async () => {
    await world.request(await world.source("cheap"));
    const solver = await world.solver([], { limits: { ...defaultLimits, minReward: 10n ** 17n } });
    await world.until("the refusal", () => solver.entries.find(({ message }) => /reward too small/.test(message)));
    await claimsOnly(solver, await world.request(await world.source("rich"), { reward: "0.1" }));
  });

  it("leaves alone a request that has expired, and one of 1 wei, with the limits as they come", async () => {
    const source = await world.source("free");
    const { buildId, drive, environment } = await identifyBuild({ source, environment: "releaseTarball" });
    const { name, id } = environment;
    const store = directoryStore(world.storeFolder);
    const input = { id: await store.put(drive), size: drive.length };
    const locator = await publish(store, { kind: "assay-build", version: 1, environment: { name, id }, input });
    const { request } = assayCalls(world.deployment.assay);
    const sender = await createAssaySender(world.chain, await world.wallet(), defaultFeePolicy);
    const now = await chainTime(world.chain);
    await sender.send(request(buildId, now + 100, 1n, locator, 10n ** 18n));
    await sender.send(request(buildId, now + 1_000_000, 2n, locator, 1n));
    await world.skip(200);
    const solver = await world.solver();
    await world.until("the refusal", () => solver.entries.find(({ message }) => /passed over/.test(message)));
    await world.request(await world.source("paid"));
    const claim = await world.until("a claim for the request that pays", () => world.claimOf(solver.wallet));
    expect(claim.fields.buildId).not.toBe(buildId);
    expect(world.ledger.history.claims.size).toBe(1);
  });

  it("warns before its balance cannot pay for the next dispute", async () => {
    const solver = await world.solver([], { key: await world.wallet("0.1") });
    const { level, facts } = await world.until("the warning", () =>
      solver.entries.find(({ message }) => /does not pay/.test(message)),
    );
    expect(level).toBe("warn");
    expect(facts).toMatchObject({ address: solver.wallet.address, balance: 10n ** 17n });
  });

  it("does not commit to a claim that it could not reveal any more, and loses nothing (attack 71)", async () => {
    await world.request(await world.source("closed"));
    const wrong = await world.solver(["memory@1:1000"]);
    const claim = await world.until("the wrong claim", () => world.claimOf(wrong.wallet));
    // Somebody keeps the claim open beyond the join deadline: a challenge that nobody moves on.
    const { reference, details } = claim;
    const { challengerBond } = world.chain.parameters;
    const sender = await createAssaySender(world.chain, await world.wallet(), defaultFeePolicy);
    const { challenge } = assayCalls(world.deployment.assay);
    await sender.send(challenge(reference, details, { kind: "whole" }, 0n, challengerBond));
    await world.skip(claim.joinDeadline - world.ledger.now + 5);
    const key = await world.wallet();
    const late = await world.solver([], { key });
    await world.until("the refusal", () => late.entries.find(({ message }) => /the round closes/.test(message)));
    expect(await world.chain.provider.getTransactionCount(key.address)).toBe(0);
    expect(await late.stop()).toEqual(noneUndone());
  });

  it("does not share its state directory", async () => {
    const folder = join(world.folder, "one-state");
    await world.solver([], { stateFolder: folder });
    const second = await world.solver([], { stateFolder: folder });
    await expect(second.stop()).rejects.toMatchObject({ code: "agents/locked" });
  });

  it("challenges what contradicts its own claim when it is told to", async () => {
    await world.request(await world.source("contradiction"));
    const honest = await world.solver([], { challengeContradictions: true });
    await world.until("the honest claim", () => world.claimOf(honest.wallet));
    await world.solver(["memory@1:1000"]);
    expect((await world.until("the refutation", refuted)).refutation!.rewarded).toBe(honest.wallet.address);
  });
});

describe("somebody who makes the same moves first (attack 13)", () => {
  it("does not stop a verifier: two processes with one key finish one dispute", async () => {
    await world.request(await world.source("twins"));
    const wrongSolver = await world.solver(["memory@1:1000"]);
    await world.until("the claim", () => world.claimOf(wrongSolver.wallet));
    const key = await world.wallet();
    const twins = [await world.verifier({ key }), await world.verifier({ key })];
    const refutation = (await world.until("the refutation", refuted)).refutation!;
    expect(refutation).toMatchObject({ cause: "fault", rewarded: key.address });
    await world.until("the stake back", ({ ledger }) =>
      [...ledger.history.stakes.values()].every(({ status }) => status === "returned"),
    );
    for (const twin of twins) expect(await twin.stop()).toEqual(noneUndone());
  });
});

describe("a store that holds damaged content (attack 34)", () => {
  it("makes a verifier say what it could not check, until the content is there again", async () => {
    const source = await world.source("damaged");
    const buildId = await world.request(source);
    const wrongSolver = await world.solver(["memory@1:1000"]);
    await world.until("the claim", () => world.claimOf(wrongSolver.wallet));
    const { locator } = [...world.ledger.history.requests.values()][0]!;
    const { build } = await fetchPublication(directoryStore(world.storeFolder), locator);
    const digits = build.input.id.slice("sha256:".length);
    await truncate(join(world.storeFolder, digits.slice(0, 2), digits), 100);
    const verifier = await world.verifier();
    await world.until("the complaint", () =>
      verifier.entries.find(({ message }) => message === "cannot check this claim"),
    );
    expect(verifier.entries.find(({ message }) => /put aside/.test(message))).toBeDefined();
    await world.request(source);
    expect((await world.until("the refutation", refuted)).fields.buildId).toBe(buildId);
    expect(await verifier.stop()).toEqual(noneUndone());
  });
});
