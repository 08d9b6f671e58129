import type { RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { attestationServer, pathOf } from "../../../src/attestation/board.ts";
import { type BuildResult, statementOfBuild } from "../../../src/attestation/buildResult.ts";
import { formatBundle } from "../../../src/attestation/bundle.ts";
import type { Envelope } from "../../../src/attestation/dsse.ts";
import { signRevocation } from "../../../src/attestation/keyStatement.ts";
import { signerOf } from "../../../src/attestation/keys.ts";
import { mostBundleCharacters, mostBundleLines } from "../../../src/attestation/limits.ts";
import { signStatement } from "../../../src/attestation/statement.ts";
import { topicOfKey, topicsOf } from "../../../src/attestation/topics.ts";
import { ask } from "../../../src/client/policy/ask.ts";
import { defaultSourceLimits, type SourceLimits } from "../../../src/client/policy/askedSource.ts";
import { mostBuildsOfBuilder } from "../../../src/client/policy/evidence.ts";
import type { Policy } from "../../../src/client/policy/policy.ts";
import { startMirror, type TestMirror } from "../../support/mirrors.ts";
import { Random } from "../../support/random.ts";
import { seed } from "../../support/seed.ts";

const random = new Random(seed);
const signer = (number: number) => signerOf(new Uint8Array(32).fill(number));
const [alice, bob] = [signer(1), signer(2)];
const artifactSha256 = "05".repeat(32);
const result = (buildId = "01"): BuildResult => ({
  buildId: `0x${buildId.padStart(2, "0").repeat(32).slice(0, 64)}`,
  environment: { name: "small", id: `0x${"02".repeat(32)}` },
  source: { uri: "git+https://example.org/project.git", digest: { gitCommit: "03".repeat(20) } },
  exitCode: 0,
  finalRoot: `0x${"04".repeat(32)}`,
  ticks: 75,
  artifact: { name: "out.tar", sha256: artifactSha256, size: 1234 },
  startedAt: 1_796_000_000,
  finishedAt: 1_796_000_012,
});
const signed = async (by: typeof alice, of = result()) =>
  await signStatement(by, statementOfBuild(of, { id: by.keyId, version: "0.1.0" }));
/** Two builders, or as many as there may be. */
const policyOf = (keys = 2): Policy => ({
  version: 1,
  keys: Object.fromEntries(Array.from({ length: keys }, (_, i) => [`builder${i + 1}`, signer(i + 1).keyId])),
  chains: {},
  require: { builders: { least: 2, of: ["builder1", "builder2"] } },
  from: [],
});

const open: TestMirror[] = [];
afterEach(async () => {
  for (const mirror of open.splice(0)) await mirror.close();
});
async function sourceThat(answer: RequestListener) {
  const mirror = await startMirror(answer);
  open.push(mirror);
  return attestationServer(mirror.url);
}
const serving = async (files: ReadonlyMap<string, string>) =>
  await sourceThat(({ url }, response) => {
    const text = files.get(url!);
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
/** Serves the bundle about the artifact and the build, and what there is about keys. */
async function source(envelopes: readonly Envelope[], aboutKeys: ReadonlyMap<typeof alice, string> = new Map()) {
  const files = new Map(topicsOf(result()).map((topic) => [`/${pathOf(topic)}`, formatBundle(envelopes)]));
  for (const [{ keyId }, text] of aboutKeys) files.set(`/${pathOf(topicOfKey(keyId))}`, text);
  return await serving(files);
}
/** Signatures that are wrong, each as costly as a right one, under some hint. */
function junk(count: number, keyHint: string): Envelope[] {
  return Array.from({ length: count }, () => ({
    payloadType: "application/vnd.in-toto+json",
    payload: random.fill(new Uint8Array(16)),
    signatures: Array.from({ length: 64 }, () => ({ keyHint, signature: random.fill(new Uint8Array(64)) })),
  }));
}
const asked = async (sources: Parameters<typeof ask>[2]["sources"], policy = policyOf(), limits?: SourceLimits) =>
  await ask(policy, { artifactSha256 }, { sources, limits });
const few: SourceLimits = { ...defaultSourceLimits, signatures: { checks: 200, bytes: 2 ** 20 } };
const tooMany = expect.stringContaining("more signatures than are checked (200");

describe("a source with more signatures than anybody checks", () => {
  it.each([
    ["that name no key", ""],
    ["that name a builder", alice.keyId],
  ])("is named, and the others count: signatures %s", async (_, hint) => {
    const [hostile, good] = [await source(junk(50, hint)), await source([await signed(alice), await signed(bob)])];
    for (const sources of [
      [hostile, good],
      [good, hostile],
    ]) {
      expect(await asked(sources, policyOf(), few)).toMatchObject({
        decision: "accepted",
        faults: [{ who: hostile.url, why: tooMany }],
      });
    }
  });

  it("costs a bounded number of checks under a policy of many keys, and a bundle as large as may be", async () => {
    const envelope = junk(1, "")[0]!;
    const lines = Math.floor(mostBundleCharacters / formatBundle([envelope]).length);
    const hostile = await source(junk(lines, ""));
    const { decision, faults } = await asked([hostile], policyOf(200));
    expect(decision).toBe("undecided");
    expect(faults).toMatchObject([
      { who: hostile.url, why: expect.stringContaining("more signatures than are checked") },
    ]);
  });

  it("is still believed in what names its keys, which is checked first", async () => {
    const both = await source([...junk(50, ""), await signed(alice), await signed(bob)]);
    expect(await asked([both], policyOf(), few)).toMatchObject({
      decision: "accepted",
      faults: [{ who: both.url, why: tooMany }],
    });
  });

  it("is not at fault for what names keys of others", async () => {
    const crowded = await source([...junk(50, signer(9).keyId), await signed(alice), await signed(bob)]);
    expect(await asked([crowded], policyOf(), few)).toMatchObject({ decision: "accepted", faults: [] });
  });

  it("cannot hide a revocation behind results, nor results behind statements about keys", async () => {
    const revocation = await signRevocation(bob, { reason: "compromised", from: 1, saidAt: 1 });
    const results = [await signed(alice), await signed(bob)];
    const crowded = await source([...junk(50, ""), ...results], new Map([[bob, formatBundle([revocation])]]));
    expect(await asked([crowded], policyOf(), few)).toMatchObject({
      decision: "undecided",
      keys: [{ name: "builder2", isRevoked: true }],
    });
    const behind = await source(results, new Map([[bob, formatBundle(junk(50, bob.keyId))]]));
    expect(await asked([behind], policyOf(), few)).toMatchObject({
      decision: "accepted",
      faults: [{ who: behind.url, why: tooMany }],
    });
  });

  it("leaves to another source what it has begun to look at", async () => {
    const statement = statementOfBuild(result(), { id: alice.keyId, version: "0.1.0" });
    const [one, two] = [await signStatement(alice, statement), await signStatement(bob, statement)];
    const both = { ...one, signatures: [...one.signatures, ...two.signatures] };
    const limits: SourceLimits = { ...few, signatures: { checks: 2, bytes: 2 ** 20 } };
    const first = await source([await signed(alice, { ...result(), ticks: 76 }), both]);
    const { answers } = await asked([first, await source([both])], policyOf(), limits);
    expect(answers).toMatchObject([{ agree: ["builder1", "builder2"] }]);
  });
});

describe("a source that gives too much, or nothing", () => {
  it.each<[string, () => string]>([
    ["a bundle that is too large", () => "x".repeat(mostBundleCharacters + 1)],
    ["a bundle of too many lines", () => "{}\n".repeat(mostBundleLines + 1)],
  ])("is named, and the others count: %s", async (_, text) => {
    const hostile = await sourceThat((_, response) => response.end(text()));
    const good = await source([await signed(alice), await signed(bob)]);
    const { decision, faults } = await asked([hostile, good]);
    expect(decision).toBe("accepted");
    expect(new Set(faults.map(({ who }) => who))).toEqual(new Set([hostile.url]));
  });

  /** Answers within the process, so that no limit of time is too short for it. */
  const atHand = async () => {
    const envelopes = [await signed(alice), await signed(bob)];
    return { url: "at-hand:", find: async () => ({ envelopes, unknown: 0 }) };
  };

  it("is not waited for longer than one question may take, and the others count", async () => {
    const silent = await sourceThat(() => {});
    const stalling = await sourceThat((_, response) => response.writeHead(200).write("{"));
    const limits = { ...defaultSourceLimits, milliseconds: 500 };
    const { decision, faults } = await asked([silent, stalling, await atHand()], policyOf(), limits);
    expect(decision).toBe("accepted");
    const why = expect.stringContaining("it took more than 0.5 s");
    expect(faults).toEqual([
      { who: silent.url, why },
      { who: stalling.url, why },
    ]);
  });

  it("is not waited for when it does not heed the signal", async () => {
    const deaf = { url: "deaf:", find: async () => await new Promise<never>(() => {}) };
    const limits = { ...defaultSourceLimits, milliseconds: 500 };
    expect(await asked([deaf, await atHand()], policyOf(), limits)).toMatchObject({
      decision: "accepted",
      faults: [{ who: "deaf:" }],
    });
  });
});

describe("a builder who names builds without end", () => {
  it("is named; so many of its builds are looked at, and all of the others'", async () => {
    const many = Array.from({ length: mostBuildsOfBuilder + 1 }, (_, i) => result((i + 16).toString(16)));
    const about = [...(await Promise.all(many.map((each) => signed(alice, each)))), await signed(bob)];
    const { answers, faults } = await asked([await source([...about, await signed(alice)])]);
    expect(faults).toMatchObject([{ who: "builder1", why: expect.stringContaining("more than 64 builds") }]);
    expect(answers).toHaveLength(mostBuildsOfBuilder + 1);
    expect(answers.map(({ buildId }) => buildId)).toContain(result().buildId);
  });
});
