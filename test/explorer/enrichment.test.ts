import { describe, expect, it } from "vitest";
import type { AttestationSource } from "../../src/attestation/board.ts";
import { publish } from "../../src/client/publication.ts";
import type { Root } from "../../src/core/bytes.ts";
import type { BuildDetail, Page, SearchHit } from "../../src/explorer/records.ts";
import { memoryStore } from "../../src/store/store.ts";
import { encodedLogs } from "../support/encodedLogs.ts";
import { toyBuild } from "../support/fakeBuilds.ts";
import { FakeExplorer, fakeBlocks, fakeKey, requestOf } from "../support/fakeExplorer.ts";
import { FakeHistory } from "../support/fakeHistory.ts";
import { stranger } from "../support/fakeWorld.ts";

const id = (number: number) => `0x${number.toString(16).padStart(64, "0")}` as Root;
const publication = (name: string, source?: string) => ({
  kind: "assay-build" as const,
  version: 1 as const,
  environment: { name, id: id(77) },
  input: { id: `sha256:${"cd".repeat(32)}` as const, size: 5 },
  ...(source !== undefined && { source }),
});

async function detailOf(explorer: FakeExplorer, buildId: string): Promise<BuildDetail> {
  return (await (await explorer.get(`api/v1/builds/${fakeKey}/${buildId}`)).json()) as BuildDetail;
}

describe("what strangers say that a build is of", () => {
  it("is text of a length, found by its words, and stops nothing when it is nonsense or not there", async () => {
    const store = memoryStore();
    const hostile = `\u001b[2J<img src=x onerror=alert(1)>\u202e${"y".repeat(900)}`;
    const good = await publish(store, publication("smallWorld", hostile));
    const nonsense = await store.put(new TextEncoder().encode(`{"kind":"assay-build","version":1,"source":[1]}`));
    const boards: AttestationSource[] = [{ url: "nowhere", find: async () => await Promise.reject(new Error("down")) }];
    const locators = [good, nonsense, "not a locator", `sha256:${"00".repeat(32)}`, "../../etc/passwd"];
    const blocks = locators.map((locator, i) => [requestOf(i + 1, locator)]);
    const explorer = await FakeExplorer.start(blocks, {}, { store, boards });
    try {
      await explorer.until(async () => (await detailOf(explorer, id(1))).about.environment !== undefined);
      const { about } = await detailOf(explorer, id(1));
      expect(about.environment).toEqual({ name: "smallWorld", id: id(77) });
      expect(about.source).toMatch(/^\\u001b\[2J<img src=x onerror=alert\(1\)>\\u202ey+…$/);
      expect(about.source!.length).toBeLessThan(330);
      for (const build of [2, 3, 4, 5]) expect((await detailOf(explorer, id(build))).about).toEqual({});
      for (const question of ["smallworld", "smallW", "onerror", "cdcdcd", id(77)]) {
        const found = (await (await explorer.get(`api/v1/search?q=${question}`)).json()) as Page<SearchHit>;
        expect([question, found.items.map(({ id }) => id)]).toEqual([question, [id(1)]]);
      }
      const listed = (await (await explorer.get("api/v1/builds?environment=smallWorld")).json()) as Page<BuildDetail>;
      expect(listed.items.map(({ buildId }) => buildId)).toEqual([id(1)]);
    } finally {
      await explorer.close();
    }
  });

  it("is what claims name rather than what requests name", async () => {
    const history = new FakeHistory();
    const { world } = history;
    const store = memoryStore();
    const [lie, truth] = [await publish(store, publication("lie")), await publish(store, publication("truth"))];
    world.chain.balances.set(stranger, 10n ** 21n);
    const buildId = await world.request(1, 10n ** 18n, 1_000_000, lie);
    await world.claim(stranger, toyBuild(1), truth);
    for (let i = 0; i < 40; i++) await world.request(1, 10n ** 18n, 1_000_000 + i, `${lie.slice(0, 60)}${i + 1000}`);
    const explorer = await FakeExplorer.start(fakeBlocks(encodedLogs(world.chain.events)), {}, { store, boards: [] });
    try {
      await explorer.until(async () => (await detailOf(explorer, buildId)).about.environment?.name === "truth");
      let asked = 0;
      await explorer.until(() => asked++ > 50);
      expect((await detailOf(explorer, buildId)).about.environment?.name).toBe("truth");
    } finally {
      await explorer.close();
    }
  });
});
