import { afterEach, describe, expect, it } from "vitest";
import { attestationServer, pathOf, topicAt } from "../../../src/attestation/board.ts";
import { formatBundle } from "../../../src/attestation/bundle.ts";
import type { Envelope } from "../../../src/attestation/dsse.ts";
import { signRevocation } from "../../../src/attestation/keyStatement.ts";
import type { Signer } from "../../../src/attestation/keys.ts";
import { topicOfKey, topicsOf } from "../../../src/attestation/topics.ts";
import { audit, batchLimits } from "../../../src/client/policy/audit.ts";
import type { Policy } from "../../../src/client/policy/policy.ts";
import { startMirror, type TestMirror } from "../../support/mirrors.ts";
import { builder, resultThatGives, sha256, signResult } from "../../support/signedPackage.ts";

const [alice, bob] = [builder(1), builder(2)];
const policy: Policy = {
  version: 1,
  keys: { alice: alice.keyId, bob: bob.keyId },
  chains: {},
  require: { builders: { least: 2, of: ["alice", "bob"] } },
  from: [],
};
const artifact = (number: number) => sha256(Buffer.from(`archive ${number}`));
const artifacts = (count: number) => Array.from({ length: count }, (_, i) => artifact(i));

const open: TestMirror[] = [];
afterEach(async () => {
  for (const mirror of open.splice(0)) await mirror.close();
});
/** A server of bundles by their paths. */
async function serve(answer: (path: string) => string | number) {
  const asked: string[] = [];
  const mirror = await startMirror(({ url }, response) => {
    asked.push(url!);
    const text = answer(url!);
    if (typeof text === "number") response.writeHead(text).end();
    else response.writeHead(200).end(text);
  });
  open.push(mirror);
  return { source: attestationServer(mirror.url), asked };
}
/** What builders have signed, as files. */
async function filesOf(signed: readonly (readonly [Signer, ReturnType<typeof resultThatGives>])[]) {
  const found = new Map<string, Envelope[]>();
  for (const [by, result] of signed) {
    const envelope = await signResult(by, result);
    for (const topic of topicsOf(result)) {
      const path = `/${pathOf(topic)}`;
      found.set(path, [...(found.get(path) ?? []), envelope]);
    }
  }
  return new Map([...found].map(([path, envelopes]) => [path, formatBundle(envelopes)]));
}

describe("an audit of many artifacts", () => {
  it("finds each accepted, undecided, refused or unknown by itself", async () => {
    const files = await filesOf([
      [alice, resultThatGives(artifact(0))],
      [bob, resultThatGives(artifact(0))],
      [alice, resultThatGives(artifact(1))],
      [alice, resultThatGives(artifact(2), "a build")],
      [bob, resultThatGives(artifact(9), "a build")],
      [builder(3), resultThatGives(artifact(3))],
    ]);
    const { source } = await serve((path) => files.get(path) ?? 404);
    const { verdicts, faults } = await audit(policy, artifacts(4), { sources: [source] });
    expect(artifacts(4).map((each) => verdicts.get(each)!.finding)).toEqual([
      "accepted",
      "undecided",
      "refused",
      "unknown",
    ]);
    expect(faults).toEqual([]);
  });

  it("asks each source once about each artifact, and once a batch about each key", async () => {
    const { source, asked } = await serve(() => 404);
    await audit(policy, [...artifacts(200), ...artifacts(200)], { sources: [source] });
    const kinds = asked.map((path) => topicAt(path.slice(1))!.algorithm);
    expect(kinds.filter((kind) => kind === "sha256")).toHaveLength(200);
    expect(kinds.filter((kind) => kind === "key")).toHaveLength(2 * Math.ceil(200 / 64));
  });

  it("leaves a source that fails over and over, names it, and counts what the others have", async () => {
    const files = await filesOf([alice, bob].map((by) => [by, resultThatGives(artifact(199))] as const));
    const [good, bad] = [await serve((path) => files.get(path) ?? 404), await serve(() => 500)];
    const { verdicts, faults } = await audit(policy, artifacts(200), { sources: [bad.source, good.source] });
    expect(verdicts.get(artifact(199))!.finding).toBe("accepted");
    // It may have had something of it.
    expect(verdicts.get(artifact(0))!.finding).toBe("undecided");
    expect(faults.map(({ who }) => who)).toContain(bad.source.url);
    expect(bad.asked.length).toBeLessThan(64);
  });

  it("leaves a source whose signatures cost too much after one batch", async () => {
    const junk = formatBundle([
      {
        payloadType: "application/vnd.in-toto+json",
        payload: new Uint8Array(16),
        signatures: Array.from({ length: 64 }, () => ({ keyHint: "", signature: new Uint8Array(64) })),
      },
    ]);
    const { source, asked } = await serve(() => junk);
    const limits = { ...batchLimits, signatures: { checks: 100, bytes: 2 ** 20 } };
    const { faults } = await audit(policy, artifacts(200), { sources: [source], limits });
    expect(faults).toMatchObject([{ why: expect.stringMatching(/more signatures/) }]);
    expect(asked.filter((path) => path.includes("/sha256/"))).toHaveLength(64);
  });

  it.each([
    ["first", 0],
    ["second", 1],
  ])("counts nothing of a key whose revocation is found in one batch: the %s", async (_, when) => {
    const [first, last] = [artifact(0), artifact(100)];
    const files = await filesOf(
      [first, last].flatMap((each) => [alice, bob].map((by) => [by, resultThatGives(each)] as const)),
    );
    const revocation = formatBundle([await signRevocation(bob, { reason: "compromised", from: 0, saidAt: 0 })]);
    const path = `/${pathOf(topicOfKey(bob.keyId))}`;
    let asked = 0;
    const answer = (each: string) => (each === path ? (asked++ === when ? revocation : 404) : (files.get(each) ?? 404));
    const { source } = await serve(answer);
    const { verdicts, keys } = await audit(policy, artifacts(101), { sources: [source] });
    expect([first, last].map((each) => verdicts.get(each)!.finding)).toEqual(["undecided", "undecided"]);
    expect(keys).toMatchObject([{ name: "bob", isRevoked: true }]);
  });
});
