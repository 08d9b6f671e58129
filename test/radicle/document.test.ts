import { describe, expect, it } from "vitest";
import { majorityOf, parseDocument, projectOf, sameDocument } from "../../src/radicle/document.ts";
import { keyOfNode, parseRepositoryId, repositoryIdOf } from "../../src/radicle/ids.ts";
import { comparePatterns, fitsPattern } from "../../src/radicle/refPattern.ts";
import { ruleFor, rulesOf } from "../../src/radicle/rules.ts";
import { documentOf, Person, people } from "../support/radicleStorage.ts";

const blob = "d".repeat(40);
const [alice, bob, carol] = people as [Person, Person, Person];
const read = (document: object | string) =>
  parseDocument(Buffer.from(typeof document === "string" ? document : JSON.stringify(document)), blob);
const bad = (why: string) =>
  expect.objectContaining({
    code: "radicle/bad-document",
    details: { document: blob, why: expect.stringContaining(why) },
  });

describe("ids", () => {
  it("of a repository are base58 of 20 bytes, each in one spelling", () => {
    const id = repositoryIdOf(new Uint8Array(20).fill(7));
    expect(parseRepositoryId(id)).toBe(id);
    for (const text of [
      id.slice(4),
      `${id}1`,
      id.replace("rad:z", "rad:z1"),
      "rad:z",
      `rad:z${"1".repeat(60)}`,
      "rad:z0OIl",
    ]) {
      expect(() => parseRepositoryId(text)).toThrow(expect.objectContaining({ code: "radicle/bad-id" }));
    }
  });

  it("of nodes are those of keys", () => {
    // From the Radicle documentation.
    expect(keyOfNode("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")).toBe(
      "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    );
    expect(keyOfNode("z6Mk")).toBeUndefined();
  });
});

describe("an identity document", () => {
  it("says whose the repository is", () => {
    const document = read(
      documentOf([alice, bob, alice, carol], { threshold: 3, visibility: { type: "private", allow: [bob.key] } }),
    );
    expect(document).toMatchObject({
      delegates: [alice.key, bob.key, carol.key],
      threshold: 3,
      isPrivate: true,
      allow: [bob.key],
    });
    expect(projectOf(document, blob)).toMatchObject({ name: "project", defaultBranch: "main" });
    expect([1, 2, 3, 4].map((count) => majorityOf(read(documentOf(people.slice(0, count)))))).toEqual([1, 2, 2, 3]);
  });

  it.each<[string, object | string, string]>([
    ["text that is not JSON", "{", "JSON"],
    ["a name twice", JSON.stringify(documentOf([alice])).replace("{", '{"threshold":1,'), "JSON"],
    ["another version", documentOf([alice], { version: 2 }), "version"],
    ["version 0", documentOf([alice], { version: 0 }), "version"],
    ["no delegates", documentOf([]), "delegates"],
    ["a delegate that is no key", documentOf([alice], { delegates: ["did:key:z6MkX"] }), "delegates.0"],
    ["a delegate of another method", documentOf([alice], { delegates: ["did:plc:abc"] }), "delegates.0"],
    ["256 delegates", documentOf(Array.from({ length: 256 }, (_, at) => new Person(at))), "delegates"],
    ["a threshold of 0", documentOf([alice], { threshold: 0 }), "threshold"],
    ["a threshold beyond the delegates", documentOf([alice, alice], { threshold: 2 }), "threshold"],
    ["another visibility", documentOf([alice], { visibility: { type: "secret" } }), "visibility"],
    ["no payload", documentOf([alice], { payload: undefined }), "payload"],
    ["too many bytes", documentOf([alice], { more: "x".repeat(2 ** 18) }), "bytes"],
  ])("is refused with %s", (_, document, why) => {
    expect(() => read(document)).toThrow(bad(why));
  });

  it("takes 255 delegates, version 1, and what it does not know", () => {
    const many = Array.from({ length: 255 }, (_, at) => new Person(at));
    expect(read(documentOf(many, { version: 1, more: [] })).delegates).toHaveLength(255);
  });

  it("is the same in another order of names, and not with anything else in it", () => {
    const payload = { a: { b: 1, c: [1, 2] } };
    const document = read(
      documentOf([alice, bob], { payload, visibility: { type: "private", allow: [alice.key, bob.key] } }),
    );
    const { threshold, delegates } = documentOf([alice, bob]);
    const other = {
      visibility: { allow: [bob.key, alice.key], type: "private" },
      threshold,
      delegates,
      payload: { a: { c: [1, 2], b: 1 } },
    };
    expect(sameDocument(document, read(other))).toBe(true);
    for (const change of [
      { payload: { a: { b: 1, c: [2, 1] } } },
      { threshold: 2 },
      { delegates: [...delegates].reverse() },
      { visibility: undefined },
    ]) {
      expect(sameDocument(document, read({ ...other, ...change }))).toBe(false);
    }
  });
});

describe("patterns of refs", () => {
  it.each([
    ["refs/tags/*", "refs/tags/v1", true],
    ["refs/tags/*", "refs/tags/a/b", true],
    ["refs/tags/*", "refs/tags", false],
    ["refs/tags/*", "refs/heads/v1", false],
    ["refs/tags/*/v1", "refs/tags/v1", true],
    ["refs/tags/*/v1", "refs/tags/a/b/v1", true],
    ["refs/tags/*/v1", "refs/tags/a/xv1", false],
    ["refs/tags/a*b", "refs/tags/axb", true],
    ["refs/tags/a*b", "refs/tags/ab", true],
    ["refs/tags/a*b", "refs/tags/a/b", false],
    ["refs/tags/a*a", "refs/tags/a", false],
    ["refs/tags/x*/b", "refs/tags/xy/b", true],
    ["refs/tags/x*/b", "refs/tags/xy/z/b", false],
    ["refs/tags/x*", "refs/tags/xy", false],
    ["refs/tags/x*", "refs/tags/xy/z", true],
    ["refs/heads/main", "refs/heads/main", true],
    ["refs/heads/main", "refs/heads/main/x", false],
  ])("%s and %s: %s", (pattern, name, fits) => {
    expect(fitsPattern(pattern, name)).toBe(fits);
  });

  it("are in order, the most specific first", () => {
    const ordered = [
      "refs/heads/a/b/c/d/*",
      "refs/heads/a/b/*",
      "refs/heads/a/*/c",
      "refs/tags/release/candidates/*",
      "refs/tags/*/v1.0.0",
      "refs/heads/dev",
      "refs/heads/main",
      "refs/tags/v1",
      "refs/tags/v1.0.0",
      "refs/heads/aa*",
      "refs/heads/a*b",
      "refs/heads/a*",
      "refs/foos/*",
      "refs/heads/*",
      "refs/tags/*",
    ];
    // Those of one length and kind apart: by bytes where no star tells them apart.
    for (const [one, other] of [
      [0, 1],
      [1, 2],
      [3, 4],
      [5, 6],
      [6, 7],
      [7, 8],
      [9, 10],
      [10, 11],
      [12, 13],
      [13, 14],
      [8, 14],
      [4, 7],
    ] as const) {
      expect([ordered[other]!, ordered[one]!].sort(comparePatterns)).toEqual([ordered[one], ordered[other]]);
    }
  });
});

describe("rules for canonical refs", () => {
  const withRules = (rules: object) => {
    const { payload } = documentOf([alice]);
    return documentOf([alice, bob], { threshold: 2, payload: { ...payload, "xyz.radicle.crefs": { rules } } });
  };
  const rules = (given: object) => rulesOf(read(withRules(given)), blob);

  it("are the document's own for the default branch, and those it names", () => {
    const all = rules({
      "refs/tags/*": { allow: "delegates", threshold: 1 },
      "refs/tags/x/*": { allow: [carol.key, carol.key], threshold: 1 },
    });
    expect(ruleFor(all, "refs/heads/main")).toEqual({
      pattern: "refs/heads/main",
      allow: [alice.key, bob.key],
      threshold: 2,
    });
    expect(ruleFor(all, "refs/tags/v1")).toMatchObject({ allow: [alice.key, bob.key], threshold: 1 });
    expect(ruleFor(all, "refs/tags/x/v1")).toMatchObject({ allow: [carol.key] });
    expect(ruleFor(all, "refs/heads/other")).toBeUndefined();
  });

  const one = { allow: "delegates", threshold: 1 };
  it.each<[string, object, string]>([
    ["one for the default branch", { "refs/heads/main": one }, "default branch"],
    ["one that fits the default branch", { "refs/heads/*": one }, "default branch"],
    ["one for the node's own refs", { "refs/rad/*": one }, "protected"],
    ["one for refs/rad", { "refs/rad": one }, "protected"],
    ["two stars", { "refs/*/x/*": one }, "pattern"],
    ["a name that is not full", { "tags/*": one }, "pattern"],
    ["alternatives", { "refs/tags/{a,b}": one }, "pattern"],
    ["nobody allowed", { "refs/tags/*": { allow: [], threshold: 1 } }, "allow"],
    ["a threshold beyond those allowed", { "refs/tags/*": { allow: [carol.key], threshold: 2 } }, "threshold"],
    ["a threshold of 0", { "refs/tags/*": { allow: "delegates", threshold: 0 } }, "threshold"],
  ])("are refused with %s", (_, given, why) => {
    expect(() => rules(given)).toThrow(bad(why));
  });

  it("are not there without a project", () => {
    expect(() => rulesOf(read(documentOf([alice], { payload: {} })), blob)).toThrow(bad("xyz.radicle.project"));
    const { payload } = documentOf([alice]);
    const branch = { ...payload, "xyz.radicle.project": { name: "p", description: "", defaultBranch: "../x" } };
    expect(() => rulesOf(read(documentOf([alice], { payload: branch })), blob)).toThrow(bad("defaultBranch"));
  });
});
