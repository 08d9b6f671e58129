import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentIdOf } from "../../src/store/contentId.ts";
import { FileSpace } from "../../src/store/node/fileSpace.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const random = new Random(seed);
const bytes = random.fill(new Uint8Array(300_000));

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-space-"));
  file = join(folder, "below", "draft");
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

describe("a draft in a file", () => {
  it("has the id of what was taken, in whatever pieces and from wherever it is taken again", async () => {
    const space = await FileSpace.open(file);
    const { draft } = space;
    const take = async (from: number, of: Uint8Array) => {
      for (let at = from; at < of.length; ) {
        const end = Math.min(of.length, at + 1 + random.below(20_000));
        await draft.take("a", at, of.subarray(at, end));
        at = end;
      }
    };
    const wrong = bytes.map((byte) => byte ^ 1);
    await take(0, wrong);
    expect(await draft.idOf(0, draft.size)).toBe(contentIdOf(wrong));
    draft.cut(100_000);
    await take(100_000, bytes);
    expect(await draft.idOf(0, draft.size)).not.toBe(contentIdOf(bytes));
    expect(await draft.idOf(100_000, draft.size)).toBe(contentIdOf(bytes.subarray(100_000)));
    draft.cut(0);
    await take(0, bytes);
    expect(await draft.idOf(0, draft.size)).toBe(contentIdOf(bytes));
    expect(await draft.idOf(5, 9)).toBe(contentIdOf(bytes.subarray(5, 9)));
    await space.close();
    expect(contentIdOf(await readFile(file))).toBe(contentIdOf(bytes));
  });

  it("goes on where the process before ended, and ends where it is cut", async () => {
    const first = await FileSpace.open(file);
    await first.draft.take("a", 0, bytes);
    first.draft.cut(200_000);
    await first.close();
    const second = await FileSpace.open(file);
    expect(second.draft.size).toBe(200_000);
    await second.draft.take("a", 200_000, bytes.subarray(200_000));
    expect(await second.draft.idOf(0, bytes.length)).toBe(contentIdOf(bytes));
    await second.close();
    expect((await readFile(file)).length).toBe(bytes.length);
  });

  it("says that its disk is full at the latest when its id is asked for", async () => {
    const space = await FileSpace.open("/dev/full");
    const fill = async () => {
      await space.draft.take("a", 0, bytes);
      await space.draft.idOf(0, bytes.length);
    };
    await expect(fill()).rejects.toMatchObject({ code: "store/full-fault" });
    await expect(space.draft.take("a", bytes.length, bytes)).rejects.toMatchObject({ code: "store/full-fault" });
    await expect(space.close()).rejects.toMatchObject({ code: "store/full-fault" });
  });
});
