import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { IdentityHistory } from "../../src/radicle/identityHistory.ts";
import type { ObjectId } from "../../src/radicle/ids.ts";
import { StoredObjects } from "../../src/radicle/node/storedObjects.ts";
import { documentOf, type Person, people, RadicleStorage } from "../support/radicleStorage.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const home = mkdtempSync(join(tmpdir(), "assay-radicle-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const [alice, bob, carol, dave] = people as [Person, Person, Person, Person];

let homes = 0;
/** The identity as its delegates have it in their namespaces. */
async function identityOf(storage: RadicleStorage) {
  const objects = new StoredObjects(storage.gitDirectory, { environment: process.env, timeoutSeconds: 60 });
  const refsOf = async (key: string) => [...storage.refs].find(([person]) => person.key === key)?.[1];
  try {
    return await new IdentityHistory(objects, storage.id, refsOf).from(storage.root, [storage.founder.key]);
  } finally {
    objects.close();
  }
}
const currentOf = async (storage: RadicleStorage) => (await identityOf(storage)).current.id;
const stateOf = async (storage: RadicleStorage, revision: ObjectId) =>
  (await identityOf(storage)).revisions.get(revision)?.state;
const create = (document = documentOf([alice])) => new RadicleStorage(join(home, String(homes++)), alice, document);
const two = documentOf([alice, bob]);
const secret = documentOf([alice, bob], { visibility: { type: "private" } });
const three = documentOf([alice, bob, carol]);

describe("the identity of a repository", () => {
  it("begins with the document that its id is made from", async () => {
    const storage = create();
    const { current, revisions } = await identityOf(storage);
    expect(current).toMatchObject({ id: storage.root, blob: storage.firstDocument, state: "accepted" });
    expect(current.document.delegates).toEqual([alice.key]);
    expect(revisions.size).toBe(1);
  });

  it("becomes what its only delegate proposes", async () => {
    const storage = create();
    const revision = storage.propose(alice, two, storage.root);
    expect(await currentOf(storage)).toBe(revision);
  });

  it("needs more than half of the delegates, not the threshold", async () => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const third = storage.propose(alice, secret, second);
    expect(await currentOf(storage)).toBe(second);
    storage.accept(bob, third, secret);
    const { current } = await identityOf(storage);
    expect(current).toMatchObject({ id: third, document: { isPrivate: true, allow: [] } });
  });

  it("counts nobody twice, and no acceptance of another document", async () => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const third = storage.propose(alice, secret, second);
    storage.accept(alice, third, secret);
    expect(await currentOf(storage)).toBe(second);
    storage.accept(bob, third, three);
    expect(await currentOf(storage)).toBe(second);
  });

  it("counts only delegates, each by a signature of its own", async () => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const third = storage.propose(alice, secret, second);
    storage.accept(carol, third, secret);
    const copied = [
      {
        type: "revision.accept",
        revision: third,
        signature: storage.sealOf(alice, storage.blob(JSON.stringify(secret))),
      },
    ];
    storage.entry(bob, copied, { parents: [third] });
    expect(await currentOf(storage)).toBe(second);
    // What Bob has signed of the document is known to all; the entry is by somebody else.
    const signature = storage.sealOf(bob, storage.blob(JSON.stringify(secret)));
    storage.entry(bob, [{ type: "revision.accept", revision: third, signature }], { parents: [third], signer: carol });
    expect(await currentOf(storage)).toBe(second);
    expect(await stateOf(storage, third)).toBe("active");
  });

  it("leaves out what enough have rejected, with what builds on it", async () => {
    const storage = create();
    const second = storage.propose(alice, three, storage.root);
    const third = storage.propose(alice, documentOf([alice]), second);
    const fourth = storage.propose(alice, documentOf([carol]), third);
    const no = [{ type: "revision.reject", revision: third }];
    const entry = storage.entry(bob, no, { parents: [fourth] });
    expect(await stateOf(storage, third)).toBe("active");
    storage.entry(carol, no, { parents: [entry] });
    expect([await stateOf(storage, third), await stateOf(storage, fourth)]).toEqual(["rejected", "rejected"]);
    expect(await currentOf(storage)).toBe(second);
  });

  it("is the one of two proposals that is accepted first; the other is rejected", async () => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const mine = storage.propose(alice, secret, second);
    const theirs = storage.propose(bob, three, second, { parents: [second] });
    storage.accept(bob, mine, secret, [mine, theirs]);
    expect(await currentOf(storage)).toBe(mine);
    expect(await stateOf(storage, theirs)).toBe("rejected");
    storage.accept(alice, theirs, three, [storage.refs.get(bob)!.get(`refs/cobs/xyz.radicle.id/${storage.root}`)!]);
    expect(await currentOf(storage)).toBe(mine);
  });

  it.each([
    ["first", 1_800_000_000, 1_800_000_001],
    ["second", 1_800_000_001, 1_800_000_000],
  ])("goes on, of two lines at the same time, with the older one: the %s", async (which, mineAt, theirsAt) => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const mine = storage.propose(alice, secret, second, { time: mineAt });
    const theirs = storage.propose(bob, three, second, { parents: [second], time: theirsAt });
    storage.accept(bob, mine, secret);
    storage.accept(alice, theirs, three);
    expect(await currentOf(storage)).toBe(which === "first" ? mine : theirs);
  });

  it("lets a second verdict stand, though the entry is left out: as heartwood does", async () => {
    const storage = create();
    const all = documentOf([alice, bob, carol, dave]);
    const second = storage.propose(alice, all, storage.root);
    const third = storage.propose(alice, two, second);
    const no = storage.entry(bob, [{ type: "revision.reject", revision: third }], {
      parents: [third],
    });
    const after = storage.entry(
      bob,
      [{ type: "revision.accept", revision: third, signature: storage.sealOf(bob, storage.blob(JSON.stringify(two))) }],
      { parents: [no] },
    );
    storage.accept(carol, third, two, [no]);
    expect(await stateOf(storage, third)).toBe("accepted");
    const next = storage.propose(bob, three, third, { parents: [after] });
    expect(await stateOf(storage, next)).toBeUndefined();
  });

  it("takes in at once what was waiting for it", async () => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const third = storage.propose(alice, documentOf([alice, carol]), second);
    const fourth = storage.propose(alice, documentOf([alice, carol, dave]), third);
    storage.accept(bob, third, documentOf([alice, carol]), [fourth]);
    expect(await currentOf(storage)).toBe(third);
    expect(await stateOf(storage, fourth)).toBe("active");
    storage.accept(carol, fourth, documentOf([alice, carol, dave]), [
      storage.refs.get(bob)!.get(`refs/cobs/xyz.radicle.id/${storage.root}`)!,
    ]);
    expect(await currentOf(storage)).toBe(fourth);
  });

  it("does not take what its author has taken back", async () => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const third = storage.propose(alice, secret, second);
    const back = storage.entry(alice, [{ type: "revision.redact", revision: third }]);
    storage.accept(bob, third, secret, [back]);
    expect(await currentOf(storage)).toBe(second);
    expect(await stateOf(storage, third)).toBe("redacted");
    expect(await stateOf(storage, second)).toBe("accepted");
  });

  it("is not changed by an edit of a title, nor by others' edits and redactions", async () => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const third = storage.propose(alice, secret, second);
    const edit = storage.entry(alice, [{ type: "RevisionEdit", revision: third, title: "Better" }]);
    const wrong = storage.entry(bob, [{ type: "revision.redact", revision: third }], { parents: [edit] });
    storage.accept(bob, third, secret, [wrong]);
    expect(await currentOf(storage)).toBe(second);
    storage.accept(bob, third, secret, [edit]);
    expect(await currentOf(storage)).toBe(third);
  });

  it("passes over an edit that comes too late if others have acted at the same time, else it leaves it out", async () => {
    for (const isConcurrent of [true, false]) {
      const storage = create();
      const second = storage.propose(alice, two, storage.root);
      const third = storage.propose(alice, secret, second, { time: 1_800_000_000 });
      const accepted = storage.accept(bob, third, secret);
      const edit = storage.entry(alice, [{ type: "RevisionEdit", revision: third, title: "Late" }], {
        parents: isConcurrent ? [third] : [accepted],
        time: 1_900_000_000,
      });
      const next = storage.propose(alice, three, third, { parents: [edit] });
      expect(await stateOf(storage, next)).toBe(isConcurrent ? "active" : undefined);
    }
  });

  it("ends with the entry that is wrong: nothing that follows it counts", async () => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const wrong = storage.entry(
      bob,
      [{ type: "revision.accept", revision: "a".repeat(40), signature: storage.sealOf(bob, second) }],
      { parents: [second] },
    );
    const third = storage.propose(alice, secret, second, { parents: [wrong] });
    expect(await stateOf(storage, third)).toBeUndefined();
  });

  it.each<[string, (storage: RadicleStorage, second: ObjectId) => ObjectId]>([
    ["the same document", (storage, second) => storage.propose(alice, two, second)],
    ["a document that is none", (storage, second) => storage.propose(alice, { ...secret, threshold: 3 }, second)],
    ["no parent", (storage) => storage.propose(alice, secret, "b".repeat(40))],
    [
      "a document that is not there",
      (storage, second) => {
        const revision = storage.propose(alice, secret, second);
        storage.lose(storage.git("rev-parse", `${revision}:embeds/radicle.json`));
        return revision;
      },
    ],
    [
      "another document beside it",
      (storage, second) => {
        const blob = storage.blob(JSON.stringify(secret));
        const action = { type: "revision", title: "x", blob, parent: second, signature: storage.sealOf(alice, blob) };
        return storage.entry(alice, [action], { document: storage.blob(JSON.stringify(three)) });
      },
    ],
    [
      "two documents at once",
      (storage, second) => {
        const blob = storage.blob(JSON.stringify(secret));
        const action = { type: "revision", title: "x", blob, parent: second, signature: storage.sealOf(alice, blob) };
        return storage.entry(alice, [action, action], { document: blob });
      },
    ],
    [
      "something else among its actions",
      (storage, second) => {
        const blob = storage.blob(JSON.stringify(secret));
        const action = { type: "revision", title: "x", blob, parent: second, signature: storage.sealOf(alice, blob) };
        return storage.entry(alice, [action, { type: "unknown" }], { document: blob });
      },
    ],
    [
      "a name of a resource in its message",
      (storage, second) => {
        const blob = storage.blob(JSON.stringify(secret));
        const action = { type: "revision", title: "x", blob, parent: second, signature: storage.sealOf(alice, blob) };
        return storage.entry(alice, [action], { document: blob, message: `x\n\nRad-Resource: ${second}\n` });
      },
    ],
  ])("does not take a proposal with %s", async (_, propose) => {
    const storage = create();
    const second = storage.propose(alice, two, storage.root);
    const revision = propose(storage, second);
    const { current, revisions } = await identityOf(storage);
    expect(current.id).toBe(second);
    expect(revisions.has(revision)).toBe(false);
  });

  it("is none if its first entry is not by the founder, or not signed, or another", async () => {
    const blob = (storage: RadicleStorage) => storage.firstDocument;
    const first = (storage: RadicleStorage, signature: string, person: Person, signer = person) =>
      storage.entry(person, [{ type: "revision", title: "x", blob: blob(storage), parent: null, signature }], {
        document: blob(storage),
        parents: [],
        signer,
      });
    const storage = create();
    const ids = [
      first(storage, storage.sealOf(bob, storage.firstDocument), bob),
      first(storage, storage.sealOf(alice, storage.firstDocument), alice, bob),
      first(storage, storage.sealOf(bob, storage.firstDocument), alice),
      storage.work({}),
      "c".repeat(40),
    ];
    const objects = new StoredObjects(storage.gitDirectory, { environment: process.env, timeoutSeconds: 60 });
    for (const id of ids) {
      const reading = new IdentityHistory(objects, storage.id, async () => undefined).from(id, [alice.key]);
      await expect(reading).rejects.toMatchObject({ code: "radicle/bad-identity" });
    }
    objects.close();
  });

  it("is not changed by what stands beside the fields that are known", async () => {
    const storage = create();
    storage.propose(alice, documentOf([alice], { more: 1 }), storage.root);
    expect(await currentOf(storage)).toBe(storage.root);
  });

  it("does not take an entry with any byte of it changed", async () => {
    const storage = create();
    const random = new Random(seed);
    const revision = storage.propose(alice, two, storage.root);
    expect(await currentOf(storage)).toBe(revision);
    const head = /^gpgsig .*\n(?: .*\n)+/m.exec(`${storage.git("cat-file", "commit", revision)}\n`)![0];
    for (let run = 0; run < 40; run++) {
      const part = random.pick(["0", "manifest", "embeds"]);
      const path = part === "embeds" ? "embeds/radicle.json" : part;
      const bytes = Buffer.from(storage.git("cat-file", "blob", `${revision}:${path}`));
      bytes[random.below(bytes.length)]! ^= 1 + random.below(127);
      const blob = storage.blob(bytes);
      const lines = storage
        .git("ls-tree", revision)
        .split("\n")
        .map((line) => {
          const [mode, , id, name] = line.split(/\s/) as [string, string, string, string];
          return { mode: mode === "040000" ? "40000" : mode, name, id };
        });
      const tree = storage.tree(
        lines.map((line) => {
          if (line.name !== part) return line;
          return { ...line, id: part === "embeds" ? storage.tree([{ name: "radicle.json", id: blob }]) : blob };
        }),
      );
      const changed = storage.commit({ tree, headers: head, parents: [storage.root] });
      storage.set(alice, `refs/cobs/xyz.radicle.id/${storage.root}`, changed);
      expect(await currentOf(storage)).toBe(storage.root);
    }
  });

  it("is read to the end of a long history", async () => {
    const storage = create();
    let current = storage.root;
    for (let count = 0; count < 100; count++) {
      const payload = { "xyz.radicle.project": { defaultBranch: "main", description: String(count), name: "p" } };
      current = storage.propose(alice, documentOf([alice], { payload }), current, { parents: [current] });
    }
    expect(await currentOf(storage)).toBe(current);
  });
});
