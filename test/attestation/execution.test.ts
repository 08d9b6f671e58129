import { describe, expect, it } from "vitest";
import { type BuildResult, buildIn, statementOfBuild } from "../../src/attestation/buildResult.ts";
import { executionKey, isProofFor, withProof } from "../../src/attestation/execution.ts";
import type { Root } from "../../src/core/bytes.ts";
import { builder, resultThatGives } from "../support/signedPackage.ts";

const result = resultThatGives("05".repeat(32));
const secret = new Uint8Array(32).fill(9);
const key = executionKey(result, secret);
const [alice, bob] = [builder(1).keyId, builder(2).keyId];
const other: Root = `0x${"aa".repeat(32)}`;

describe("a proof of execution", () => {
  it("is right for the builder that made it, and for no other", async () => {
    const { execution } = await withProof(result, key, alice);
    expect(isProofFor(alice, result, execution)).toBe(true);
    expect(isProofFor(bob, result, execution)).toBe(false);
  });

  it("is of one build and one end of it", async () => {
    const { execution } = await withProof(result, key, alice);
    expect(isProofFor(alice, { ...result, buildId: other }, execution)).toBe(false);
    expect(isProofFor(alice, { ...result, finalRoot: other }, execution)).toBe(false);
  });

  it("is made with a key that everybody has who has run it, and that follows from nothing that is published", () => {
    expect(executionKey(result, secret).keyId).toBe(key.keyId);
    for (const published of [new Uint8Array(32), Uint8Array.from({ length: 32 }, () => 4)])
      expect(executionKey(result, published).keyId).not.toBe(key.keyId);
    expect(executionKey({ ...result, buildId: other }, secret).keyId).not.toBe(key.keyId);
    expect(executionKey({ ...result, finalRoot: other }, secret).keyId).not.toBe(key.keyId);
  });

  it("stands in the statement of the build", async () => {
    const proven = await withProof(result, key, alice);
    const statement = JSON.parse(JSON.stringify(statementOfBuild(proven, { id: alice, version: "0.1.0" })));
    expect(buildIn(statement)).toEqual(proven);
    expect(isProofFor(alice, result, buildIn(statement).execution!)).toBe(true);
  });

  it.each<[string, BuildResult["execution"]]>([
    ["another key's", { key: alice, signature: `${"A".repeat(86)}==` }],
    ["no base64", { key: key.keyId, signature: "!".repeat(88) }],
    ["of another length", { key: key.keyId, signature: "AAAA" }],
  ])("that is %s is none", (_, execution) => {
    expect(isProofFor(alice, result, execution!)).toBe(false);
  });

  it.each([
    { key: "did:key:z6Mkx", signature: `${"A".repeat(86)}==` },
    { key: alice, signature: "AAAA" },
    { key: alice },
  ])("makes a statement malformed that holds %j", (execution) => {
    const statement = statementOfBuild({ ...result, execution: execution as never }, { id: alice, version: "0.1.0" });
    expect(() => buildIn(statement)).toThrow(expect.objectContaining({ code: "attestation/malformed" }));
  });
});
