import { describe, expect, it } from "vitest";
import { signerOf } from "../../../src/attestation/keys.ts";
import { namesIn, policyOf } from "../../../src/client/policy/policy.ts";

const key = (number: number) => signerOf(new Uint8Array(32).fill(number)).keyId;
const good = {
  version: 1,
  keys: { alice: key(1), bob: key(2) },
  chains: { main: { chainId: 1, assay: `0x${"11".repeat(20)}` } },
  require: { any: [{ chain: "main" }, { builders: { least: 2, of: ["alice", "bob"] } }] },
  from: ["https://builds.example.org/"],
};
const nested = (depth: number): unknown => (depth === 0 ? { chain: "main" } : { all: [nested(depth - 1)] });

describe("a policy", () => {
  it("is taken as it is written", () => {
    const policy = policyOf(good, "policy.yaml");
    expect(policy).toEqual(good);
    expect(namesIn(policy.require)).toEqual({
      builders: new Set(["alice", "bob"]),
      independent: new Set(),
      chains: new Set(["main"]),
      verifiers: new Map(),
      evidence: new Set(),
    });
  });

  it.each<[string, object, RegExp]>([
    ["names a builder without a key", { require: { builders: { least: 1, of: ["dave"] } } }, /there is no key dave/],
    [
      "names an inherited property",
      { require: { builders: { least: 1, of: ["constructor"] } } },
      /there is no key constructor/,
    ],
    ["names a chain without a contract", { require: { chain: "side" } }, /there is no chain side/],
    [
      "asks for more builders than there are",
      { require: { builders: { least: 3, of: ["alice", "bob"] } } },
      /3 of 2 builders/,
    ],
    [
      "asks for one independent builder",
      { require: { builders: { least: 1, of: ["alice", "bob"], independent: true } } },
      /one builder is independent of nobody/,
    ],
    [
      "asks for builders that are not independent",
      { require: { builders: { least: 2, of: ["alice", "bob"], independent: false } } },
      /require/,
    ],
    ["asks for none", { require: { builders: { least: 0, of: ["alice"] } } }, /require/],
    ["names a builder twice", { require: { builders: { least: 2, of: ["alice", "alice"] } } }, /require/],
    [
      "asks for more parts than there are",
      { require: { least: { count: 2, of: [{ chain: "main" }] } } },
      /2 of 1 can never hold/,
    ],
    ["asks for nothing", { require: {} }, /is none of builders/],
    ["asks for an unknown thing", { require: { notary: "alice" } }, /is none of builders/],
    ["asks for two things in one place", { require: { chain: "main", any: [{ chain: "main" }] } }, /require/],
    ["has one key under two names", { keys: { alice: key(1), bob: key(1) } }, /is the key of alice too/],
    ["has a key that is none", { keys: { alice: "did:key:z6Mk", bob: key(2) } }, /keys.alice/],
    ["has a name for a key and a chain", { keys: { alice: key(1), bob: key(2), main: key(3) } }, /name of a key too/],
    ["is nested too deep", { require: nested(10) }, /nested deeper than 8/],
    ["looks somewhere else", { from: ["ftp://example.org/"] }, /from/],
    ["is of another version", { version: 2 }, /version/],
    ["has a line that nobody knows", { trust: "everybody" }, /trust/],
  ])("that %s is refused", (_, change, why) => {
    expect(() => policyOf({ ...good, ...change }, "policy.yaml")).toThrow(why);
  });
});
