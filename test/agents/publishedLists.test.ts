import { describe, expect, it } from "vitest";
import { PublishedLists } from "../../src/agents/publishedLists.ts";
import { publish } from "../../src/client/publication.ts";
import { encodeCheckpoints } from "../../src/protocol/checkpoints.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import { type ContentId, contentIdOf } from "../../src/store/contentId.ts";
import { finishedToyBuild, toyBuild, wrongRun } from "../support/fakeBuilds.ts";
import { FakeWorld, stranger } from "../support/fakeWorld.ts";

/** Claims with a list each, in a store that keeps every list back until it is told to answer. */
async function scene(count: number) {
  const world = new FakeWorld();
  const verifier = world.verifier();
  const { environment, input } = await finishedToyBuild(toyBuild(1));
  const waiting = new Map<ContentId, () => void>();
  const lists = new Set<ContentId>();
  for (let i = 0; i < count; i++) {
    const list = encodeCheckpoints({ roots: [hashWords(i)] });
    const build = { kind: "assay-build", version: 1, environment, input } as const;
    const checkpoints = await world.store.put(list);
    lists.add(contentIdOf(list));
    await world.claim(
      stranger,
      wrongRun(1, i),
      await publish(world.store, { ...build, kind: "assay-claim", build, checkpoints }),
    );
  }
  const get = world.store.get.bind(world.store);
  world.store.get = async (id, maxBytes) => {
    if (lists.has(id)) await new Promise<void>((resolve) => waiting.set(id, resolve));
    return await get(id, maxBytes);
  };
  await verifier.ledger.refresh();
  const claims = [...verifier.ledger.history.claims.values()];
  const published = new PublishedLists(verifier.agent);
  /** What comes of asking for all lists, once what that begins has come to the store. */
  const ask = async () => {
    const fetched = claims.map((claim) => published.listOf(claim));
    await turns();
    return fetched;
  };
  return { world, claims, published, waiting, ask };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
}

describe("checkpoint lists", () => {
  it("are fetched eight at once, the next when one of them has come", async () => {
    const { claims, published, waiting } = await scene(10);
    for (const claim of claims) {
      published.listOf(claim);
      await turns();
    }
    expect(waiting.size).toBe(8);
    waiting.values().next().value!();
    await turns();
    for (let i = 0; i < 2; i++) {
      for (const claim of claims) {
        published.listOf(claim);
        await turns();
      }
      expect(waiting.size).toBe(9);
    }
  });

  it("are each fetched once, and kept until they are forgotten", async () => {
    const { claims, published, waiting, ask } = await scene(1);
    for (let i = 0; i < 2; i++) expect(await ask()).toEqual([undefined]);
    const [answer] = waiting.values();
    waiting.clear();
    answer!();
    await turns();
    const [list] = await ask();
    expect(list?.list?.roots).toHaveLength(1);
    expect(await ask()).toEqual([list]);
    expect(waiting.size).toBe(0);
    published.forget(claims[0]!.claimId);
    expect(await ask()).toEqual([undefined]);
    expect(waiting.size).toBe(1);
  });

  it("are not waited for when the window is over", async () => {
    const { world, claims, waiting, ask } = await scene(1);
    world.chain.time = claims[0]!.windowEnd;
    expect(await ask()).toEqual([{}]);
    expect(waiting.size).toBe(0);
  });

  it.each([
    ["no checkpoints", 2],
    ["more checkpoints than any list may have", 60],
  ])("are not asked for where a claim has %s", async (_, log2Ticks) => {
    const { claims, published, waiting } = await scene(1);
    const [claim] = claims as [(typeof claims)[number]];
    expect(published.listOf({ ...claim, fields: { ...claim.fields, log2Ticks } })).toEqual({});
    await turns();
    expect(waiting.size).toBe(0);
  });
});
