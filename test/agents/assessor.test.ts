import { describe, expect, it } from "vitest";
import { publish } from "../../src/client/publication.ts";
import type { Root } from "../../src/core/bytes.ts";
import { encodeCheckpoints } from "../../src/protocol/checkpoints.ts";
import { contentIdOf } from "../../src/store/contentId.ts";
import { finishedToyBuild, toyBuild, wrongRun } from "../support/fakeBuilds.ts";
import { accomplice, FakeWorld, stranger } from "../support/fakeWorld.ts";
import { halted, toyOutcome } from "../support/game/toyMachine.ts";
import { checkpointRoots } from "../support/game/world.ts";
import { readCall } from "../support/readCall.ts";

const { parameters } = new FakeWorld();
/** Seconds for the longest tick with which a machine can dispute so many claims at once. */
const measureFor = (capacity: number) => {
  const interpretSeconds = parameters.challengerBudgetSeconds / 2 / capacity;
  return { measure: { reachSeconds: 0, interpretSeconds, processorSeconds: 1, steps: 64 } };
};

describe("wrong claims of one build", () => {
  it("are challenged with one stake: the first brings the bond, the others follow at once when it is live", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    for (let i = 0; i < 4; i++) await world.claim(stranger, wrongRun(1, i % 2));
    await verifier.look();
    expect(verifier.sender.underWay.map(({ call }) => call.value)).toEqual([parameters.challengerBond]);
    await verifier.look();
    expect(verifier.sender.size).toBe(1);
    await verifier.sender.mine();
    await verifier.look();
    expect(verifier.sender.underWay.map(({ key, call }) => [key.split(" ")[0], call.value])).toEqual([
      ["challenge", 0n],
      ["challenge", 0n],
      ["challenge", 0n],
    ]);
    await verifier.sender.mine();
    await verifier.actAll();
    expect(verifier.ledger.history.challenges.size).toBe(4);
    expect(verifier.ledger.history.stakes.size).toBe(1);
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("are each challenged once, also by the next process, while the chain has yet to confirm it", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    for (let i = 0; i < 2; i++) await world.claim(stranger, wrongRun(1, i));
    await verifier.look();
    verifier.ledger.confirmations = 3;
    await verifier.sender.mine();
    for (let i = 0; i < 3; i++) {
      await verifier.act();
      verifier.restart();
    }
    expect(verifier.moves).toEqual(["challenge", "challenge"]);
    expect(verifier.sender.refusals).toEqual([]);
  });

  it("that appear later are challenged without a bond while the stake is live", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    await world.claim(stranger, wrongRun(1));
    await verifier.actAll();
    await world.claim(stranger, wrongRun(1, 1));
    await verifier.look();
    expect(verifier.sender.underWay).toMatchObject([{ call: { value: 0n } }]);
  });

  it("are challenged by the end of their windows, those first that end first", async () => {
    const world = new FakeWorld();
    const verifier = world.verifier();
    const claims = [];
    for (let i = 0; i < 3; i++) claims.push(await world.claim(stranger, wrongRun(1, i)));
    await verifier.act();
    const { claims: known } = verifier.ledger.history;
    expect(verifier.sender.submissions[0]?.deadline).toBe(known.get(claims[0]!.claimId)?.windowEnd);
    await verifier.look();
    expect(verifier.sender.underWay.map(({ deadline }) => deadline)).toEqual(
      claims.slice(1).map(({ claimId }) => known.get(claimId)?.windowEnd),
    );
  });

  it("beyond what the machine can dispute at once wait, aloud, until their windows are nearly over", async () => {
    const world = new FakeWorld();
    world.runner.changes = measureFor(2);
    const verifier = world.verifier();
    for (let i = 0; i < 3; i++) await world.claim(stranger, wrongRun(1, i));
    await verifier.actAll();
    expect(verifier.ledger.history.challenges.size).toBe(2);
    expect(verifier.log.lines.find(({ message }) => message.startsWith("more wrong claims"))).toMatchObject({
      level: "error",
      facts: { disputes: 3, capacity: 2 },
    });
    const last = [...verifier.ledger.history.claims.values()].at(-1)!;
    const soon = last.windowEnd - 4 * parameters.minResponseSeconds;
    world.chain.time = soon - 1;
    verifier.ports.sender.submissions.length = 0;
    await verifier.look();
    expect(verifier.moves.filter((move) => move === "challenge")).toEqual([]);
    world.chain.time = soon;
    await verifier.look();
    expect(verifier.moves.filter((move) => move === "challenge")).toEqual(["challenge"]);
  });

  it.each([
    ["a capacity that is large enough", 3, 0],
    ["a capacity that is too small", 2, 1],
  ])("with %s: errors about it", async (_, capacity, errors) => {
    const world = new FakeWorld();
    world.runner.changes = measureFor(capacity);
    const verifier = world.verifier();
    for (let i = 0; i < 3; i++) await world.claim(stranger, wrongRun(1, i));
    await verifier.actAll();
    expect(verifier.log.of("error")).toHaveLength(errors);
  });
});

/** Publishes what a claim to a wrong run of toy build 1 leads to. @returns the locator. */
async function publishClaim(world: FakeWorld, roots?: readonly Root[]): Promise<string> {
  const { environment, input } = await finishedToyBuild(toyBuild(1));
  const checkpoints = roots && (await world.store.put(encodeCheckpoints({ roots })));
  const build = { kind: "assay-build", version: 1, environment, input } as const;
  return await publish(world.store, { kind: "assay-claim", version: 1, build, ...(checkpoints && { checkpoints }) });
}

describe("a challenge", () => {
  /** What the challenge to a wrong claim with a published list says of its start. */
  async function startOf(list: "the claim's" | "the truth's" | "too short" | "missing") {
    const world = new FakeWorld();
    const verifier = world.verifier();
    const wrong = wrongRun(1);
    await world.request(1);
    const roots = await checkpointRoots(list === "the truth's" ? toyBuild(1) : wrong, 3, 2);
    const shown = { "too short": [], missing: undefined, "the claim's": roots, "the truth's": roots }[list];
    await world.claim(stranger, wrong, await publishClaim(world, shown));
    await verifier.look();
    const call = readCall(verifier.sender.underWay[0]!.call, toyOutcome(halted));
    await verifier.sender.mine();
    expect(verifier.sender.refusals).toEqual([]);
    return call.kind === "challenge" ? call.start : undefined;
  }

  it("begins between the checkpoints of which the own run has the first and not the second", async () => {
    // The wrong run leaves the truth in tick 5; there is one checkpoint, after tick 4.
    expect(await startOf("the claim's")).toMatchObject({ kind: "checkpoints", index: 1 });
  });

  it("begins between checkpoints, too, where the list itself is right and only the end is wrong", async () => {
    // Before its fault the wrong run has the same checkpoint.
    expect(await startOf("the truth's")).toMatchObject({ kind: "checkpoints", index: 1 });
  });

  it.each(["too short", "missing"] as const)("is to the whole claim where the list is %s", async (list) => {
    expect(await startOf(list)).toEqual({ kind: "whole" });
  });
});

describe("a checkpoint list that does not come", () => {
  /** A wrong claim whose list the store does not answer for. */
  async function stalled() {
    const world = new FakeWorld();
    const verifier = world.verifier();
    await world.claim(accomplice, toyBuild(1));
    await verifier.look();
    const roots = await checkpointRoots(wrongRun(1), 3, 2);
    let answers = () => {};
    const answer = new Promise<void>((resolve) => {
      answers = resolve;
    });
    const get = world.store.get.bind(world.store);
    const list = contentIdOf(encodeCheckpoints({ roots }));
    world.store.get = async (id, maxBytes) => {
      if (id === list) await answer;
      return await get(id, maxBytes);
    };
    const slow = await world.claim(stranger, wrongRun(1), await publishClaim(world, roots));
    await verifier.lookBeside(1);
    expect(verifier.agent.tasks.isRunning(`list ${slow.claimId}`)).toBe(true);
    const { windowEnd } = verifier.ledger.history.claims.get(slow.claimId)!;
    const quarter = Math.floor((windowEnd - world.chain.time) / 4);
    /** The claims that are challenged, and where. */
    const challenges = () =>
      verifier.sender.underWay.map(({ key, call }) => {
        const read = readCall(call, toyOutcome(halted));
        return read.kind === "challenge" && [key.split(" ")[1], read.start.kind];
      });
    return { world, verifier, slow, answers, quarter, challenges };
  }

  it("delays no challenge to another claim of the build", async () => {
    const { world, verifier, challenges } = await stalled();
    const other = await world.claim(stranger, wrongRun(1, 1));
    // The first round finds that it has no list.
    for (let i = 0; i < 2; i++) await verifier.lookBeside(1);
    expect(challenges()).toEqual([[other.claimId, "whole"]]);
  });

  it("is waited for during a quarter of the time that the window has left", async () => {
    const { world, verifier, slow, quarter, challenges } = await stalled();
    world.chain.pass(quarter - 1);
    await verifier.lookBeside(1);
    expect(challenges()).toEqual([]);
    world.chain.pass(1);
    await verifier.lookBeside(1);
    expect(challenges()).toEqual([[slow.claimId, "whole"]]);
  });

  it("changes nothing when it comes after that", async () => {
    const { world, verifier, slow, quarter, answers } = await stalled();
    world.chain.pass(quarter);
    await verifier.lookBeside(1);
    answers();
    await verifier.look();
    expect(verifier.ports.verdicts.load().find(({ claimId }) => claimId === slow.claimId)?.start).toEqual({
      kind: "whole",
    });
    expect(verifier.moves).toEqual(["challenge"]);
  });

  it("is used when it comes in time", async () => {
    const { verifier, slow, answers, challenges } = await stalled();
    answers();
    await verifier.look();
    expect(challenges()).toEqual([[slow.claimId, "checkpoints"]]);
  });

  it("is not fetched again by the next process when it has come", async () => {
    const { world, verifier, slow, answers, challenges } = await stalled();
    answers();
    await verifier.look();
    await verifier.sender.refuse(`challenge ${slow.claimId} 0`, "dropped");
    const get = world.store.get.bind(world.store);
    world.store.get = async (id, maxBytes) => (maxBytes === 32 ? expect.unreachable() : await get(id, maxBytes));
    verifier.restart();
    await verifier.look();
    expect(challenges()).toEqual([[slow.claimId, "checkpoints"]]);
  });
});
