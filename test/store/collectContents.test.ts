import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContentId } from "../../src/store/contentId.ts";
import { collectContents } from "../../src/store/node/collectContents.ts";
import { contentFile, directoryStore } from "../../src/store/node/directoryStore.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-collect-"));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const now = 1_000_000_000;
const day = 86_400;

/** Puts some bytes, so many days ago. */
async function put(text: string, daysAgo: number): Promise<ContentId> {
  const id = await directoryStore(folder).put(new TextEncoder().encode(text));
  await age(contentFile(folder, id), daysAgo);
  return id;
}
async function age(file: string, daysAgo: number): Promise<void> {
  await utimes(file, now - daysAgo * day, now - daysAgo * day);
}
const collect = async (needed: ReadonlyMap<ContentId, string>, dryRun = false) =>
  await collectContents({ folder, needed, recentSeconds: day, dryRun, now });

describe("garbage collection of a folder", () => {
  it("deletes what nothing needs and was not put of late, and says why of each", async () => {
    const [needed, recent, useless] = [await put("needed", 9), await put("recent", 0.9), await put("useless", 1.1)];
    const needs = new Map([[needed, "the claim 0x1 is open"]]);
    const before = await readdir(folder, { recursive: true });
    const said = await collect(needs, true);
    expect(await readdir(folder, { recursive: true })).toEqual(before);
    expect(await collect(needs)).toEqual(said);
    const facts = Object.fromEntries(said.map(({ id, isKept, why, bytes }) => [id, [isKept, why, bytes]]));
    expect(facts).toEqual({
      [needed]: [true, "the claim 0x1 is open", 6],
      [recent]: [true, "put not long ago", 6],
      [useless]: [false, "nothing needs it", 7],
    });
    const store = directoryStore(folder);
    expect([await store.has(needed), await store.has(recent), await store.has(useless)]).toEqual([true, true, false]);
  });

  it("leaves to who has just put it again what was there before", async () => {
    const id = await put("again", 9);
    const real = Date.now() / 1000;
    await directoryStore(folder).put(new TextEncoder().encode("again"));
    const again = await collectContents({ folder, needed: new Map(), recentSeconds: day, dryRun: false, now: real });
    expect(again).toMatchObject([{ id, isKept: true, why: "put not long ago" }]);
  });

  it("deletes what killed processes and damage have left behind, and touches no other file", async () => {
    const id = await put("content", 0);
    const file = contentFile(folder, id);
    const left = [`${file}.corrupt`, `${file}.0123456789ab.partial`];
    const others = [
      join(folder, "uploads.jsonl"),
      join(folder, "attestations", "x"),
      join(folder, id.slice(7, 9), "y"),
    ];
    await mkdir(join(folder, "attestations"));
    for (const each of [...left, ...others]) {
      await writeFile(each, "x");
      await age(each, 9);
    }
    const gone = (await collect(new Map())).filter(({ isKept }) => !isKept);
    expect(gone.map(({ path, why }) => [join(folder, path), why]).sort()).toEqual(
      left.map((each) => [each, "left behind, or damaged"]).sort(),
    );
    const files = await readdir(folder, { recursive: true });
    for (const each of others) expect(files.map((name) => join(folder, name))).toContain(each);
  });

  it("has nothing to do where there is no folder", async () => {
    await rm(folder, { recursive: true });
    expect(await collect(new Map())).toEqual([]);
  });
});
