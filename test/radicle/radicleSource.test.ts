import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeDrive } from "../../src/source/drive.ts";
import { parseLocation } from "../../src/source/location.ts";
import { readSource } from "../../src/source/node/readSource.ts";
import { people, projectStorage, type RadicleStorage } from "../support/radicleStorage.ts";

const home = mkdtempSync(join(tmpdir(), "assay-radicle-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const [alice, bob, carol, dave] = people as [
  (typeof people)[0],
  (typeof people)[0],
  (typeof people)[0],
  (typeof people)[0],
];

let homes = 0;
const newHome = () => join(home, String(homes++));
async function read({ home, id }: RadicleStorage, revision?: string) {
  const environment = { ...process.env, RAD_HOME: home };
  const { drive, description } = await readSource(revision === undefined ? id : `${id}#${revision}`, { environment });
  return { files: decodeDrive(drive).entries.map(({ path }) => path), description };
}

describe("rad: sources", () => {
  it("are a repository as git has it", () => {
    const { storage, commit } = projectStorage(newHome(), [alice, bob]);
    expect(storage.git("fsck", "--full", "--strict")).toBe("");
    expect(storage.git("log", "--format=%H", `refs/namespaces/${alice.node}/refs/heads/main`)).toBe(commit);
  });

  it("are read at the commit that the delegates agree on", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice, bob], { threshold: 2 });
    const { files, description } = await read(storage);
    expect(files).toEqual(["README"]);
    expect(description).toMatchObject({ kind: "git", location: storage.id, revision: "HEAD", commit });
    for (const revision of ["main", "refs/heads/main", commit]) {
      expect((await read(storage, revision)).description).toMatchObject({ revision, commit });
    }
  });

  it("are read where the identity's ref is a symbolic one, as nodes make it", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice]);
    const names = ["rad/id", `cobs/xyz.radicle.id/${storage.root}`].map(
      (name) => `refs/namespaces/${alice.node}/refs/${name}`,
    );
    storage.git("symbolic-ref", names[0]!, names[1]!);
    storage.git("pack-refs", "--all");
    expect((await read(storage)).description).toMatchObject({ commit });
  });

  it("have tags where the document has a rule for them, of all kinds", async () => {
    const crefs = { rules: { "refs/tags/*": { allow: "delegates", threshold: 2 } } };
    const document = {
      payload: {
        "xyz.radicle.project": { defaultBranch: "main", description: "", name: "p" },
        "xyz.radicle.crefs": crefs,
      },
    };
    const { storage, commit } = projectStorage(newHome(), [alice, bob, carol], document);
    const tag = storage.tag(commit, "v1");
    for (const person of [alice, bob]) {
      storage.set(person, "refs/tags/v1", tag);
      storage.set(person, "refs/tags/light", commit);
    }
    storage.set(carol, "refs/tags/v1", storage.tag(commit, "v1"));
    storage.set(carol, "refs/tags/mine", commit);
    for (const person of [alice, bob, carol]) storage.sign(person);
    for (const name of ["v1", "light", "refs/tags/v1"])
      expect((await read(storage, name)).description).toMatchObject({ commit });
    await expect(read(storage, "mine")).rejects.toMatchObject({
      code: "radicle/no-quorum",
      details: { ref: "refs/tags/mine", threshold: 2 },
    });
    await expect(read(storage, "v2")).rejects.toMatchObject({ code: "radicle/unknown-ref" });
  });

  it("are any commit that somebody's signed refs lead to, and no other", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice]);
    const child = storage.work({ README: "more\n" }, [commit]);
    const stray = storage.work({ README: "stray\n" }, [commit]);
    const unsigned = storage.work({ README: "unsigned\n" }, [commit]);
    storage.set(dave, "refs/heads/patch", storage.work({ README: "newer\n" }, [child]));
    storage.sign(dave);
    storage.set(carol, "refs/heads/patch", unsigned);
    expect((await read(storage, child)).description).toMatchObject({ commit: child });
    for (const commit of [stray, unsigned]) {
      await expect(read(storage, commit)).rejects.toMatchObject({
        code: "radicle/unreachable-commit",
        details: { commit },
      });
    }
    await expect(read(storage, "patch")).rejects.toMatchObject({ code: "radicle/unknown-ref" });
  });

  it("are looked at anew when refs have become others: what nothing leads to any more is refused", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice]);
    await read(storage, commit);
    storage.set(alice, "refs/heads/main", storage.work({ README: "another\n" }));
    storage.sign(alice);
    await expect(read(storage, commit)).rejects.toMatchObject({ code: "radicle/unreachable-commit" });
    storage.set(alice, "refs/heads/back", commit);
    await expect(read(storage, commit)).rejects.toMatchObject({ code: "radicle/bad-identity" });
    storage.sign(alice);
    expect((await read(storage, commit)).description).toMatchObject({ commit });
    writeFileSync(
      join(storage.home, "config.json"),
      '{"node":{"fetch":{"signedReferences":{"featureLevel":{"minimum":"parent"}}}}}',
    );
    expect((await read(storage, commit)).description).toMatchObject({ commit });
    storage.sign(alice, { level: "root", parents: [] });
    storage.set(alice, "refs/heads/x", commit);
    storage.sign(alice, { level: "root" });
    await expect(read(storage, commit)).rejects.toMatchObject({ code: "radicle/bad-identity" });
  });

  it("are told from paths by how an id begins", () => {
    expect(parseLocation("rad:z3gqc#refs/tags/v1")).toMatchObject({ scheme: "rad:", revision: "refs/tags/v1" });
    expect(parseLocation("rad:z3gqc")).toMatchObject({ scheme: "rad:", revision: "HEAD" });
    expect(parseLocation("rad:folder")).toEqual({ scheme: "", path: "rad:folder" });
    expect(parseLocation("./rad:z3gqc")).toEqual({ scheme: "", path: "./rad:z3gqc" });
  });

  it("are refused by name where there are none", async () => {
    const { storage } = projectStorage(newHome(), [alice]);
    const environment = { ...process.env, RAD_HOME: join(storage.home, "nowhere") };
    await expect(readSource(storage.id, { environment })).rejects.toMatchObject({ code: "radicle/not-here" });
    await expect(readSource("rad:zzz", { environment })).rejects.toMatchObject({ code: "radicle/bad-id" });
    await expect(readSource(`${storage.id}?x`, { environment })).rejects.toMatchObject({ code: "radicle/bad-id" });
    await expect(readSource(`${storage.id}#-x`, { environment })).rejects.toMatchObject({
      code: "source/bad-revision",
    });
  });
});
