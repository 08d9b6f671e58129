import { describe, expect, it } from "vitest";
import { publish } from "../../src/client/publication.ts";
import { encodeCheckpoints } from "../../src/protocol/checkpoints.ts";
import { finishedToyBuild, toyBuild, wrongRun } from "../support/fakeBuilds.ts";
import { FakeWorld, stranger } from "../support/fakeWorld.ts";
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

describe("a challenge", () => {
  /** What the challenge to a wrong claim with a published list says of its start. */
  async function startOf(list: "the claim's" | "the truth's" | "too short" | "missing") {
    const world = new FakeWorld();
    const verifier = world.verifier();
    const { environment, input } = await finishedToyBuild(toyBuild(1));
    const wrong = wrongRun(1);
    await world.request(1);
    const roots = await checkpointRoots(list === "the truth's" ? toyBuild(1) : wrong, 3, 2);
    const shown = list === "too short" ? [] : roots;
    const checkpoints = await world.store.put(encodeCheckpoints({ roots: shown }));
    const build = { kind: "assay-build", version: 1, environment, input } as const;
    const claim = { kind: "assay-claim", version: 1, build } as const;
    await world.claim(
      stranger,
      wrong,
      await publish(world.store, list === "missing" ? claim : { ...claim, checkpoints }),
    );
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
