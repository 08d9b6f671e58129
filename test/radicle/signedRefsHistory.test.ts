import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ObjectId } from "../../src/radicle/ids.ts";
import { StoredObjects } from "../../src/radicle/node/storedObjects.ts";
import { readSignedRefs } from "../../src/radicle/signedRefsHistory.ts";
import { people, projectStorage, type RadicleStorage } from "../support/radicleStorage.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const home = mkdtempSync(join(tmpdir(), "assay-radicle-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const [alice, bob] = people as [(typeof people)[0], (typeof people)[0]];
const settings = { environment: process.env, timeoutSeconds: 60 };

let homes = 0;
const project = () => projectStorage(join(home, String(homes++)), [alice]);
async function read(storage: RadicleStorage, at: ObjectId) {
  const objects = new StoredObjects(storage.gitDirectory, settings);
  try {
    return await readSignedRefs(objects, storage.id, alice.node, at);
  } finally {
    objects.close();
  }
}
const refusal = (code: string, details: object = {}) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) });

describe("a node's signed refs", () => {
  it("say at which level they are", async () => {
    const { storage, commit } = project();
    const first = storage.refs.get(alice)!.get("refs/rad/sigrefs")!;
    expect(await read(storage, first)).toMatchObject({ at: first, level: "parent" });
    const second = storage.sign(alice);
    const { level, refs } = await read(storage, second);
    expect(level).toBe("parent");
    expect(refs.get("refs/heads/main")).toBe(commit);
    expect(refs.has("refs/rad/sigrefs-parent")).toBe(false);
  });

  it("are taken at a lower level if they have never been at a higher one", async () => {
    const { storage } = project();
    storage.sign(alice, { level: "none", parents: [] });
    storage.set(alice, "refs/heads/x", storage.root);
    expect(await read(storage, storage.sign(alice, { level: "none" }))).toMatchObject({ level: "none" });
    storage.set(alice, "refs/heads/y", storage.root);
    expect(await read(storage, storage.sign(alice, { level: "root" }))).toMatchObject({ level: "root" });
  });

  it.each([
    ["none", "parent"],
    ["root", "parent"],
    ["none", "root"],
  ] as const)("are refused at level %s after %s", async (level, before) => {
    const { storage } = project();
    storage.sign(alice, { level: "none", parents: [] });
    storage.set(alice, "refs/heads/x", storage.root);
    const seen = storage.sign(alice, { level: before });
    storage.set(alice, "refs/heads/y", storage.root);
    const commit = storage.sign(alice, { level });
    await expect(read(storage, commit)).rejects.toEqual(refusal("radicle/downgraded", { commit, level, seen: before }));
    expect(await read(storage, seen)).toMatchObject({ level: before });
  });

  it.each(["none", "root"] as const)("are refused if older ones of level %s are put in anew", async (level) => {
    const { storage } = project();
    const old = storage.sign(alice, { level, parents: [] });
    storage.set(alice, "refs/heads/x", storage.root);
    storage.sign(alice, { level });
    const again = storage.commit({
      tree: storage.git("rev-parse", `${old}^{tree}`),
      parents: [storage.refs.get(alice)!.get("refs/rad/sigrefs")!],
    });
    await expect(read(storage, again)).rejects.toEqual(refusal("radicle/replayed", { commit: again }));
  });

  it("are refused if those of level parent are put in anew, by what they say themselves", async () => {
    const { storage } = project();
    const old = storage.sign(alice);
    const again = storage.commit({ tree: storage.git("rev-parse", `${old}^{tree}`), parents: [storage.sign(alice)] });
    await expect(read(storage, again)).rejects.toEqual(refusal("radicle/bad-refs"));
    const alone = storage.commit({ tree: storage.git("rev-parse", `${old}^{tree}`) });
    await expect(read(storage, alone)).rejects.toEqual(refusal("radicle/bad-refs"));
  });

  it("are refused if somebody else has signed them, or any byte is another", async () => {
    const { storage } = project();
    const forged = storage.sign(alice, { signer: bob });
    await expect(read(storage, forged)).rejects.toEqual(
      refusal("radicle/bad-signature", { node: alice.node, commit: forged }),
    );
    const list = Buffer.from(`${"a".repeat(40)} refs/heads/main\n`);
    const signature = alice.sign(list);
    for (const at of [0, 31, 32, 63]) {
      const changed = signature.slice();
      changed[at]! ^= 1;
      const commit = storage.sign(alice, { list, signature: changed });
      await expect(read(storage, commit)).rejects.toEqual(refusal("radicle/bad-signature"));
    }
    const changed = list.slice();
    changed[0] = 0x62;
    await expect(read(storage, storage.sign(alice, { list: changed, signature }))).rejects.toEqual(
      refusal("radicle/bad-signature"),
    );
    await expect(read(storage, storage.sign(alice, { list, signature: signature.slice(1) }))).rejects.toEqual(
      refusal("radicle/bad-signature"),
    );
  });

  it("are refused with any byte of the list changed", async () => {
    const { storage } = project();
    const random = new Random(seed);
    storage.set(alice, "refs/heads/feature/x", storage.root);
    const list = Buffer.from(`${storage.git("cat-file", "blob", `${storage.sign(alice, { parents: [] })}:refs`)}\n`);
    const signature = alice.sign(list);
    expect(await read(storage, storage.sign(alice, { list, signature, parents: [] }))).toMatchObject({
      node: alice.node,
    });
    for (let run = 0; run < 60; run++) {
      const changed = Uint8Array.from(list);
      changed[random.below(changed.length)]! ^= 1 + random.below(255);
      const reading = read(storage, storage.sign(alice, { list: changed, signature, parents: [] }));
      await expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/^radicle\/bad-(refs|signature)$/) });
    }
  });

  it("are refused if they are those of another repository, or name one without what leads to it", async () => {
    const [{ storage }, { storage: other }] = [
      project(),
      projectStorage(join(home, String(homes++)), [alice], { more: "another project" }),
    ];
    const foreign = storage.commit({ tree: other.git("rev-parse", `${other.root}^{tree}`) });
    storage.git("fetch", "--quiet", other.gitDirectory, `refs/namespaces/${alice.node}/refs/rad/id`);
    const named = storage.sign(alice, { refs: new Map([["refs/rad/root", foreign]]), level: "none" });
    await expect(read(storage, named)).rejects.toEqual(refusal("radicle/other-repository"));
    const nowhere = storage.sign(alice, { refs: new Map([["refs/rad/root", "a".repeat(40)]]), level: "none" });
    await expect(read(storage, nowhere)).rejects.toEqual(refusal("radicle/bad-refs"));
    const unbound = storage.sign(alice, { level: "none" });
    const parent = storage.sign(alice, {
      level: "none",
      refs: new Map([["refs/rad/sigrefs-parent", unbound]]),
      parents: [unbound],
    });
    await expect(read(storage, parent)).rejects.toEqual(refusal("radicle/bad-refs"));
  });

  it("are refused if what they are made of is not there, or too much", async () => {
    const { storage } = project();
    const good = storage.sign(alice);
    const two = storage.sign(alice, { parents: [good, storage.root] });
    await expect(read(storage, two)).rejects.toEqual(refusal("radicle/bad-refs"));
    const empty = storage.commit({ tree: storage.tree([]) });
    await expect(read(storage, empty)).rejects.toEqual(refusal("radicle/bad-refs"));
    const folder = storage.tree([
      { mode: "40000", name: "refs", id: storage.tree([]) },
      { name: "signature", id: storage.blob("") },
    ]);
    await expect(read(storage, storage.commit({ tree: folder }))).rejects.toEqual(refusal("radicle/bad-refs"));
    const huge = storage.sign(alice, { list: new Uint8Array(2 ** 23 + 1) });
    await expect(read(storage, huge)).rejects.toEqual(refusal("radicle/too-large"));
    const lost = storage.sign(alice);
    storage.lose(storage.git("rev-parse", `${lost}:refs`));
    await expect(read(storage, lost)).rejects.toEqual(refusal("source/bad-object"));
    await expect(read(storage, storage.blob("text"))).rejects.toEqual(refusal("source/bad-object"));
  });

  it("may have anything else beside them in their tree", async () => {
    const { storage } = project();
    const tree = storage.git("rev-parse", `${storage.sign(alice, { parents: [] })}^{tree}`);
    const lines = storage
      .git("ls-tree", tree)
      .split("\n")
      .map((line) => {
        const [mode, , id, name] = line.split(/\s/) as [string, string, string, string];
        return { mode, id, name };
      });
    const more = storage.tree([...lines, { name: "extra", id: storage.blob("x") }]);
    expect(await read(storage, storage.commit({ tree: more }))).toMatchObject({ level: "parent" });
  });
});
