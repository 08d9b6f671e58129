import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentIdOf, parseContentId } from "../../src/store/contentId.ts";
import { writeFileAtomically } from "../../src/store/node/atomicFile.ts";
import { directoryStore, sweepTemporaryFiles } from "../../src/store/node/directoryStore.ts";
import { memoryStore } from "../../src/store/store.ts";
import { seed } from "../support/seed.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-store-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const fileOf = (id: string) => join(folder, id.slice(7, 9), id.slice(7));

describe("every kind of store", () => {
  for (const [kind, make] of [
    ["memory", () => memoryStore()],
    ["directory", () => directoryStore(folder)],
  ] as const) {
    it(`returns what was put (${kind})`, async () => {
      const store = make();
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (content) => {
          const id = await store.put(content);
          expect(id).toBe(contentIdOf(content));
          expect(await store.has(id)).toBe(true);
          expect(await store.get(id, 5000)).toEqual(content);
        }),
        { seed, numRuns: 20 },
      );
    });

    it(`names content that it does not have (${kind})`, async () => {
      const id = contentIdOf(bytes("nobody put this"));
      expect(await make().has(id)).toBe(false);
      await expect(make().get(id, 100)).rejects.toMatchObject({ code: "store/missing", details: { id } });
    });

    it(`refuses content above the limit before reading it (${kind})`, async () => {
      const store = make();
      const id = await store.put(new Uint8Array(101));
      await expect(store.get(id, 100)).rejects.toMatchObject({ code: "store/too-large", details: { size: 101 } });
      expect((await store.get(id, 101)).length).toBe(101);
    });
  }
});

describe("a store in a directory", () => {
  for (const [damage, hurt] of [
    ["a flipped bit", async (file: string) => writeFile(file, bytes("cOntent"))],
    ["a truncated file", async (file: string) => truncate(file, 3)],
  ] as const) {
    it(`finds ${damage}, puts the file aside and is healed by the next put`, async () => {
      const reported: string[] = [];
      const store = directoryStore(folder, { onCorrupt: (id) => reported.push(id) });
      const id = await store.put(bytes("content"));
      await hurt(fileOf(id));
      await expect(store.get(id, 100)).rejects.toMatchObject({ code: "store/corrupt", details: { id } });
      expect(reported).toEqual([id]);
      await expect(store.get(id, 100)).rejects.toMatchObject({ code: "store/missing" });
      await store.put(bytes("content"));
      expect(await store.get(id, 100)).toEqual(bytes("content"));
      expect(await readdir(join(folder, id.slice(7, 9)))).toContain(`${id.slice(7)}.corrupt`);
    });
  }

  it("heals a damaged file when the right bytes are put, without a get in between", async () => {
    const store = directoryStore(folder);
    const id = await store.put(bytes("content"));
    await writeFile(fileOf(id), bytes("damaged and longer than before"));
    await store.put(bytes("content"));
    expect(await store.get(id, 100)).toEqual(bytes("content"));
  });

  it("ignores and sweeps what a killed writer left behind", async () => {
    const store = directoryStore(folder);
    const id = await store.put(bytes("content"));
    await writeFile(`${fileOf(id)}.0123456789ab.partial`, "half");
    expect(await store.get(id, 100)).toEqual(bytes("content"));
    expect(await sweepTemporaryFiles(folder)).toBe(1);
    expect(await readdir(join(folder, id.slice(7, 9)))).toEqual([id.slice(7)]);
  });
});

describe("writing a file atomically", () => {
  it("keeps the old content, leaves no rest and says so when the disk is full", async () => {
    const file = join(folder, "file");
    await writeFileAtomically(file, "old");
    async function* halfThenFull() {
      yield "half";
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    }
    const failing = writeFileAtomically(file, halfThenFull() as unknown as string);
    await expect(failing).rejects.toMatchObject({
      code: "store/full-fault",
      message: `no space left to write ${file}: free some; nothing half-written was kept`,
    });
    expect(await readFile(file, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("gives the file the permissions asked for", async () => {
    const file = join(folder, "secret");
    await writeFileAtomically(file, "x", 0o600);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe("a content id", () => {
  it.each(["", "sha256:", `sha256:${"0".repeat(63)}`, `sha256:${"A".repeat(64)}`, `md5:${"0".repeat(64)}`, "../etc"])(
    "has one spelling, which %j is not",
    (text) => {
      expect(() => parseContentId(text)).toThrowError(expect.objectContaining({ code: "store/bad-id" }));
    },
  );
});
