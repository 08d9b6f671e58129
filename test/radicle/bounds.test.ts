import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Ancestry } from "../../src/radicle/ancestry.ts";
import { IdentityHistory } from "../../src/radicle/identityHistory.ts";
import { mostAncestors, mostIdentityEntries } from "../../src/radicle/limits.ts";
import { StoredObjects } from "../../src/radicle/node/storedObjects.ts";
import type { Objects } from "../../src/radicle/objects.ts";
import { type Person, people, projectStorage } from "../support/radicleStorage.ts";

const home = mkdtempSync(join(tmpdir(), "assay-radicle-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const [alice] = people as [Person];

const idOf = (number: number) => number.toString(16).padStart(40, "0");
/** A fake: commits without an end, each the child of the next. */
const endless: Objects = {
  read: async (id) => {
    const content = `tree ${idOf(0)}\nparent ${idOf(Number.parseInt(id, 16) + 1)}\n\n`;
    return { id, type: "commit", content: new TextEncoder().encode(content) };
  },
};

describe("a history without an end", () => {
  it("is walked so far and no further", async () => {
    const walking = new Ancestry(endless).isReachable("f".repeat(40), [idOf(1)]);
    await expect(walking).rejects.toMatchObject({ code: "radicle/too-large", details: { most: mostAncestors } });
  });

  it("is no identity's", async () => {
    const { storage } = projectStorage(join(home, "0"), [alice]);
    const reading = new IdentityHistory(endless, storage.id, async () => undefined).from(idOf(1), [alice.key]);
    await expect(reading).rejects.toMatchObject({ code: "radicle/too-large", details: { most: mostIdentityEntries } });
  });
});

describe("the objects of a storage", () => {
  it("can be read behind those that are missing, damaged or too large", async () => {
    const { storage, commit } = projectStorage(join(home, "1"), [alice]);
    const damaged = ["content", "no zlib at all"].map((text) => {
      const id = storage.blob(text);
      storage.damage(id, Buffer.from(text));
      return id;
    });
    const swapped = storage.blob("one");
    storage.swap(swapped, "two");
    const huge = storage.blob(new Uint8Array(2 ** 24 + 1));
    const objects = new StoredObjects(storage.gitDirectory, { environment: process.env, timeoutSeconds: 60 });
    for (const id of ["e".repeat(40), ...damaged, swapped]) {
      await expect(objects.read(id)).rejects.toMatchObject({ code: "source/bad-object" });
      expect(await objects.read(commit)).toMatchObject({ id: commit, type: "commit" });
    }
    await expect(objects.read(huge)).rejects.toMatchObject({ code: "source/too-large" });
    expect(await objects.read(commit)).toMatchObject({ id: commit });
    objects.close();
  });

  it("can be read however many there are, and however many are broken", async () => {
    const { storage, commit } = projectStorage(join(home, "2"), [alice]);
    const large = Array.from({ length: 6 }, (_, at) => storage.blob(new Uint8Array(2 ** 24).fill(at)));
    const damaged = Array.from({ length: 40 }, (_, at) => storage.blob(String(at)));
    for (const id of damaged) storage.damage(id, Buffer.from("x"));
    const objects = new StoredObjects(storage.gitDirectory, { environment: process.env, timeoutSeconds: 60 });
    for (const id of large) expect((await objects.read(id)).content.length).toBe(2 ** 24);
    for (const id of damaged) await expect(objects.read(id)).rejects.toMatchObject({ code: "source/bad-object" });
    expect(await objects.read(commit)).toMatchObject({ id: commit });
    objects.close();
  });

  it("are read for so long and no longer", async () => {
    const { storage, commit } = projectStorage(join(home, "3"), [alice]);
    const objects = new StoredObjects(storage.gitDirectory, { environment: process.env, timeoutSeconds: 0 });
    await expect(objects.read(commit)).rejects.toMatchObject({ code: "source/git-timeout-fault" });
    objects.close();
  });
});
