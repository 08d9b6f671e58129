import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { leastLevel } from "../../src/radicle/node/home.ts";
import { findStorage, refsOf, withRepository } from "../../src/radicle/node/storage.ts";
import type { Repository } from "../../src/radicle/repository.ts";
import { documentOf, type Person, people, projectStorage, RadicleStorage } from "../support/radicleStorage.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const home = mkdtempSync(join(tmpdir(), "assay-radicle-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const [alice, bob, carol, eve] = people as [Person, Person, Person, Person];

let homes = 0;
const newHome = () => join(home, String(homes++));
async function ask<T>(storage: RadicleStorage, question: (repository: Repository) => Promise<T>): Promise<T> {
  const environment = { ...process.env, RAD_HOME: storage.home };
  const settings = { environment, timeoutSeconds: 60 };
  const found = await findStorage(storage.id, environment);
  return await withRepository(found, settings, await refsOf(found, settings), await leastLevel(environment), question);
}
/** Its head, or why it has none, and the codes of what was doubted. */
const headOf = async (storage: RadicleStorage) =>
  await ask(storage, async (repository) => {
    const head = await repository.resolve("HEAD").catch((error) => error.code as string);
    return { head, doubts: repository.doubts.map(({ code }) => code) };
  });

describe("a repository in a storage", () => {
  it("does not count a delegate whose refs are not those signed, and says so", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice, bob], { threshold: 1 });
    const other = storage.work({ README: "other\n" }, [commit]);
    storage.set(bob, "refs/heads/main", other);
    expect(await headOf(storage)).toEqual({ head: commit, doubts: ["radicle/refs-differ"] });
    storage.sign(bob);
    expect(await headOf(storage)).toEqual({ head: other, doubts: [] });
    storage.set(bob, "refs/tmp/heads/x", commit);
    expect(await headOf(storage)).toEqual({ head: other, doubts: [] });
    storage.set(bob, "refs/heads/x", commit);
    expect(await headOf(storage)).toEqual({ head: commit, doubts: ["radicle/refs-differ"] });
  });

  it.each<[string, (storage: RadicleStorage) => void, string]>([
    ["another key has signed", (storage) => storage.sign(bob, { signer: eve }), "radicle/bad-signature"],
    ["no one has signed", (storage) => storage.set(bob, "refs/rad/sigrefs", undefined), "radicle/bad-refs"],
    [
      "is missing",
      (storage) => storage.lose(storage.git("rev-parse", `refs/namespaces/${bob.node}/refs/rad/sigrefs:refs`)),
      "radicle/bad-refs",
    ],
    [
      "is damaged",
      (storage) =>
        storage.damage(storage.git("rev-parse", `refs/namespaces/${bob.node}/refs/rad/sigrefs:refs`), Buffer.from("x")),
      "radicle/bad-refs",
    ],
    [
      "is at a lower level than before",
      (storage) => storage.sign(bob, { level: "root", parents: [storage.sign(bob)] }),
      "radicle/downgraded",
    ],
  ])("has too few delegates where what one of two has signed %s", async (_, change, code) => {
    const { storage } = projectStorage(newHome(), [alice, bob], { threshold: 2 });
    change(storage);
    // A delegate's entries in the identity do not count either then: nothing of it is believed.
    expect(await headOf(storage)).toEqual({ head: "radicle/no-quorum", doubts: [code] });
  });

  it("takes the least level from the node's own configuration", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice]);
    storage.sign(alice, { level: "none", parents: [] });
    expect(await headOf(storage)).toEqual({ head: commit, doubts: [] });
    const minimum = (text: string) => writeFileSync(join(storage.home, "config.json"), text);
    minimum('{"node":{"fetch":{"signedReferences":{"featureLevel":{"minimum":"root"}}}}}');
    await expect(headOf(storage)).rejects.toMatchObject({ code: "radicle/bad-identity" });
    storage.sign(alice, { level: "root" });
    expect(await headOf(storage)).toEqual({ head: commit, doubts: [] });
    minimum('{"node":{"fetch":{"signedReferences":{"featureLevel":{"minimum":"all"}}}}}');
    await expect(headOf(storage)).rejects.toMatchObject({ code: "radicle/bad-setting" });
  });

  it("has no head where its delegates have parted, and names the commits", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice, bob, carol]);
    const [mine, theirs] = [storage.work({ a: "1" }, [commit]), storage.work({ a: "2" }, [commit])];
    storage.set(alice, "refs/heads/main", mine);
    storage.set(bob, "refs/heads/main", theirs);
    for (const person of [alice, bob]) storage.sign(person);
    const failing = ask(storage, async (repository) => await repository.resolve("HEAD"));
    await expect(failing).rejects.toMatchObject({ code: "radicle/diverged", details: { ref: "refs/heads/main" } });
    const { refs, doubts } = await ask(storage, async (repository) => await repository.canonicalRefs());
    expect([...refs]).toEqual([]);
    expect(doubts).toMatchObject([
      { code: "radicle/diverged", details: { candidates: expect.arrayContaining([mine, theirs]) } },
    ]);
  });

  it("is not what strangers say of it", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice]);
    const evil = storage.work({ README: "evil\n" }, [commit]);
    storage.set(eve, "refs/heads/main", evil);
    storage.propose(eve, documentOf([eve]), storage.root);
    storage.sign(eve);
    expect(await headOf(storage)).toEqual({ head: commit, doubts: [] });
  });

  it("follows its identity to new delegates", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice]);
    const second = storage.propose(alice, documentOf([alice, bob]), storage.root);
    storage.sign(alice);
    const third = storage.propose(alice, documentOf([bob]), second);
    storage.sign(alice);
    const newer = storage.work({ README: "newer\n" }, [commit]);
    storage.set(bob, "refs/heads/main", newer);
    storage.accept(bob, third, documentOf([bob]));
    storage.sign(bob);
    expect(await headOf(storage)).toEqual({ head: newer, doubts: [] });
    // Once the founder is out, nothing of hers is needed.
    storage.forget(alice);
    expect(await headOf(storage)).toEqual({ head: newer, doubts: [] });
  });

  it("does not begin anew with a copy of its first entry, no matter who names it", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice]);
    const second = storage.propose(alice, documentOf([bob]), storage.root);
    storage.set(bob, `refs/cobs/xyz.radicle.id/${storage.root}`, second);
    storage.set(bob, "refs/heads/main", commit);
    for (const person of [alice, bob]) storage.sign(person);
    expect(await headOf(storage)).toEqual({ head: commit, doubts: [] });
    const [tree, signature] = [
      storage.git("rev-parse", `${storage.root}^{tree}`),
      /^gpgsig .*\n(?: .*\n)+/m.exec(`${storage.git("cat-file", "commit", storage.root)}\n`)![0],
    ];
    const copy = storage.commit({ tree, headers: signature });
    const name = (person: Person) => {
      storage.set(person, `refs/cobs/xyz.radicle.id/${copy}`, copy);
      storage.set(person, "refs/rad/root", undefined);
      const refs = new Map(storage.refs.get(person));
      refs.set("refs/rad/root", copy);
      refs.delete("refs/rad/sigrefs");
      storage.set(person, "refs/rad/root", copy);
      const list = [...refs]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([ref, id]) => `${id} ${ref}\n`)
        .join("");
      storage.set(
        person,
        "refs/rad/sigrefs",
        storage.commit({
          tree: storage.tree([
            { name: "refs", id: storage.blob(list) },
            { name: "signature", id: storage.blob(person.sign(Buffer.from(list))) },
          ]),
        }),
      );
    };
    name(eve);
    expect(await headOf(storage)).toEqual({ head: commit, doubts: [] });
    // The founder, who is a delegate no more, cannot take it back; but nobody can say any more which is the right one.
    name(alice);
    await expect(headOf(storage)).rejects.toMatchObject({
      code: "radicle/bad-identity",
      details: { why: expect.stringContaining("several beginnings") },
    });
  });

  it("is not taken back by a founder who is a delegate no more and holds back what came after", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice]);
    const second = storage.propose(alice, documentOf([bob]), storage.root);
    storage.set(bob, `refs/cobs/xyz.radicle.id/${storage.root}`, second);
    storage.set(bob, "refs/heads/main", commit);
    storage.sign(bob);
    storage.set(alice, `refs/cobs/xyz.radicle.id/${storage.root}`, storage.root);
    storage.set(alice, "refs/heads/main", storage.work({ README: "mine again\n" }, [commit]));
    storage.sign(alice);
    expect(await headOf(storage)).toEqual({ head: commit, doubts: [] });
  });

  it("does not take back what a delegate has withdrawn because somebody has copied it", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice]);
    const second = storage.propose(alice, documentOf([alice, bob]), storage.root);
    const third = storage.propose(alice, documentOf([alice, bob], { threshold: 2 }), second);
    const back = storage.entry(alice, [{ type: "revision.redact", revision: third }]);
    storage.sign(alice);
    const text = storage.git("cat-file", "commit", third);
    const copy = storage.commit({
      tree: storage.git("rev-parse", `${third}^{tree}`),
      headers: /^gpgsig .*\n(?: .*\n)+/m.exec(`${text}\n`)![0],
      parents: [second],
    });
    storage.set(eve, `refs/cobs/xyz.radicle.id/${storage.root}`, copy);
    storage.sign(eve);
    storage.accept(bob, copy, documentOf([alice, bob], { threshold: 2 }), [back]);
    storage.sign(bob);
    expect(await headOf(storage)).toEqual({ head: commit, doubts: [] });
  });

  it("is not there without its first document, or with nothing that a delegate has signed", async () => {
    const { storage } = projectStorage(newHome(), [alice]);
    storage.lose(storage.firstDocument);
    await expect(headOf(storage)).rejects.toMatchObject({ code: "radicle/bad-identity" });
    const { storage: other } = projectStorage(newHome(), [alice]);
    other.forget(alice);
    other.set(eve, "refs/rad/id", other.root);
    other.sign(eve);
    await expect(headOf(other)).rejects.toMatchObject({ code: "radicle/bad-identity" });
  });

  it("has the canonical refs that its rules give, of those who may say them", async () => {
    const rule = (allow: unknown, threshold: number) => ({ allow, threshold });
    const rules = {
      "refs/tags/*": rule("delegates", 2),
      "refs/tags/nightly/*": rule([eve.key], 1),
      "refs/heads/release/*": rule([alice.key, eve.key], 2),
    };
    const payload = { ...documentOf([]).payload, "xyz.radicle.crefs": { rules } };
    const { storage, commit } = projectStorage(newHome(), [alice, bob], { payload });
    const newer = storage.work({ README: "newer\n" }, [commit]);
    const names: readonly [string, readonly Person[]][] = [
      ["refs/tags/v1", [alice, bob, eve]],
      ["refs/tags/v2", [alice, eve]],
      ["refs/tags/nightly/1", [eve]],
      ["refs/tags/nightly/2", [alice, bob]],
      ["refs/heads/release/1", [alice, eve, bob]],
      ["refs/heads/release/2", [alice, bob]],
      ["refs/heads/other", [alice, bob, eve]],
    ];
    for (const [name, persons] of names) {
      // Of two commits in one line, the one that both have.
      for (const [at, person] of persons.entries()) storage.set(person, name, at === 0 ? newer : commit);
    }
    for (const person of [alice, bob, eve]) storage.sign(person);
    const { refs, doubts } = await ask(storage, async (repository) => await repository.canonicalRefs());
    expect(Object.fromEntries(refs)).toEqual({
      "refs/heads/main": commit,
      "refs/heads/release/1": commit,
      "refs/tags/nightly/1": newer,
      "refs/tags/v1": commit,
    });
    expect(doubts).toEqual([]);
  });

  it("can be read where a part of somebody's history is missing", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice, bob], { threshold: 2 });
    const lost = storage.work({ README: "lost\n" }, [commit]);
    const tip = storage.work({ README: "tip\n" }, [lost]);
    storage.set(alice, "refs/heads/main", tip);
    storage.sign(alice);
    expect((await headOf(storage)).head).toBe(commit);
    storage.lose(lost);
    expect((await headOf(storage)).head).toBe("radicle/no-quorum");
    const elsewhere = storage.work({ README: "elsewhere\n" });
    storage.set(eve, "refs/heads/x", storage.work({ README: "later\n" }, [elsewhere]));
    storage.sign(eve);
    expect(await ask(storage, async (repository) => await repository.resolve(elsewhere))).toBe(elsewhere);
  });

  it("is the same whatever lies beside the objects: grafts, shallow marks, replacements, its own top-level refs", async () => {
    const { storage, commit } = projectStorage(newHome(), [alice, bob], { threshold: 2 });
    const newer = storage.work({ README: "newer\n" }, [commit]);
    const stray = storage.work({ README: "stray\n" });
    storage.set(alice, "refs/heads/main", stray);
    storage.set(bob, "refs/heads/main", newer);
    for (const person of [alice, bob]) storage.sign(person);
    mkdirSync(join(storage.gitDirectory, "info"), { recursive: true });
    writeFileSync(join(storage.gitDirectory, "info", "grafts"), `${newer} ${stray}\n`);
    writeFileSync(join(storage.gitDirectory, "shallow"), `${commit}\n`);
    storage.git("update-ref", `refs/replace/${newer}`, stray);
    storage.git("update-ref", "refs/heads/main", stray);
    expect(await headOf(storage)).toEqual({ head: "radicle/no-quorum", doubts: [] });
  });

  it("gives random delegates' refs as a simple model does", async () => {
    const random = new Random(seed);
    for (let run = 0; run < 6; run++) {
      const count = 1 + random.below(4);
      const delegates = people.slice(0, count);
      const threshold = 1 + random.below(count);
      const storage = new RadicleStorage(newHome(), delegates[0]!, documentOf(delegates, { threshold }));
      const contains = new Map<string, Set<string>>();
      const commits: string[] = [];
      for (let at = 0; at < 8; at++) {
        const parents = commits.slice(-3).filter(() => random.chance(0.6));
        const id = storage.work({ n: String(at) }, parents);
        commits.push(id);
        contains.set(id, new Set([id, ...parents.flatMap((parent) => [...contains.get(parent)!])]));
      }
      const votes: string[] = [];
      for (const person of delegates) {
        const tip = random.pick(commits.slice(-3));
        storage.set(person, "refs/heads/main", tip);
        storage.sign(person);
        const isForged = person !== delegates[0] && random.chance(0.2);
        if (isForged) storage.set(person, "refs/heads/forged", tip);
        else votes.push(tip);
      }
      const said = [...new Set(votes)].filter(
        (id) => votes.filter((tip) => contains.get(tip)!.has(id)).length >= threshold,
      );
      const last = said.find((id) => said.every((other) => contains.get(id)!.has(other)));
      const expected = said.length === 0 ? "radicle/no-quorum" : (last ?? "radicle/diverged");
      expect((await headOf(storage)).head).toBe(expected);
    }
  });
});
