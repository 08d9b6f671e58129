import { describe, expect, it } from "vitest";
import { pathOf, topicAt } from "../../src/attestation/board.ts";
import {
  type BuildResult,
  buildIn,
  failureType,
  isBuildStatement,
  provenanceType,
  statementOfBuild,
} from "../../src/attestation/buildResult.ts";
import { signerOf } from "../../src/attestation/keys.ts";
import { repositoryIdOf } from "../../src/attestation/repositoryId.ts";
import { isAbout, type Statement } from "../../src/attestation/statement.ts";
import { topicsOf } from "../../src/attestation/topics.ts";

const builder = { id: signerOf(new Uint8Array(32).fill(7)).keyId, version: "0.1.0" };
const good: BuildResult = {
  buildId: `0x${"01".repeat(32)}`,
  environment: { name: "small", id: `0x${"02".repeat(32)}` },
  source: { uri: "git+https://example.org/project.git", revision: "main", digest: { gitCommit: "03".repeat(20) } },
  exitCode: 0,
  finalRoot: `0x${"04".repeat(32)}`,
  ticks: 75,
  artifact: { name: "out.tar", sha256: "05".repeat(32), size: 1234 },
  startedAt: 1_796_000_000,
  finishedAt: 1_796_000_012,
};
const { artifact: _, ...unbuilt } = good;
const bad: BuildResult = { ...unbuilt, exitCode: 2 };
/** A statement as JSON has it, with one of its places changed. */
function changed(path: string, value: unknown): Statement {
  const statement = JSON.parse(JSON.stringify(statementOfBuild(good, builder)));
  const names = path.split(".");
  const last = names.pop()!;
  const place = names.reduce((inner, name) => inner[name], statement);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return statement;
}
const malformed = expect.objectContaining({ code: "attestation/malformed" });

describe("the statement of a build", () => {
  it("is SLSA provenance of the artifact, and says what was built from what", () => {
    const statement = statementOfBuild(good, builder);
    expect(statement.predicateType).toBe(provenanceType);
    expect(isAbout(statement, "sha256", good.artifact!.sha256)).toBe(true);
    expect(isAbout(statement, "gitCommit", "03".repeat(20))).toBe(false);
    expect(buildIn(JSON.parse(JSON.stringify(statement)))).toEqual(good);
  });

  it("says where the source had a folder .git, and nothing else of it", () => {
    const source = { ...good.source, gitFolder: true as const };
    const statement = statementOfBuild({ ...good, source }, builder);
    expect(buildIn(JSON.parse(JSON.stringify(statement))).source).toEqual(source);
    const path = "predicate.buildDefinition.externalParameters.source.gitFolder";
    expect(() => buildIn(changed(path, false))).toThrow(malformed);
  });

  it("names the list of checkpoints where there is one, and refuses one that is none", () => {
    const checkpoints = { sha256: "06".repeat(32), size: 96, log2Ticks: 4 };
    const statement = statementOfBuild({ ...good, checkpoints }, builder);
    expect(buildIn(JSON.parse(JSON.stringify(statement))).checkpoints).toEqual(checkpoints);
    const odd = statementOfBuild({ ...good, checkpoints: { ...checkpoints, size: 97 } }, builder);
    expect(() => buildIn(JSON.parse(JSON.stringify(odd)))).toThrow(malformed);
  });

  it("names the dependencies where there are some, for those too who look at what was resolved", () => {
    const dependencies = { sha256: "08".repeat(32), size: 4096 };
    const statement = JSON.parse(JSON.stringify(statementOfBuild({ ...good, dependencies }, builder)));
    expect(buildIn(statement)).toEqual({ ...good, dependencies });
    const { resolvedDependencies } = statement.predicate.buildDefinition;
    expect(resolvedDependencies[1].digest).toEqual({ sha256: dependencies.sha256 });
    resolvedDependencies.pop();
    expect(() => buildIn(statement)).toThrow(malformed);
  });

  it("of one that has failed is about its source, and no provenance", () => {
    const statement = statementOfBuild(bad, builder);
    expect(statement.predicateType).toBe(failureType);
    expect(isAbout(statement, "gitCommit", "03".repeat(20))).toBe(true);
    expect(buildIn(JSON.parse(JSON.stringify(statement)))).toEqual(bad);
  });

  it("is found by its build, its artifact and its commit", () => {
    expect(topicsOf(good).map(({ algorithm }) => algorithm)).toEqual(["build", "sha256", "gitCommit"]);
    expect(topicsOf(bad).map(({ algorithm }) => algorithm)).toEqual(["build", "gitCommit"]);
  });

  it("is found by the Radicle repository of its source too", () => {
    const document = new Uint8Array(20).fill(6);
    const source = { ...good.source, uri: repositoryIdOf(document) };
    const topics = topicsOf({ ...good, source });
    expect(topics.at(-1)).toEqual({ algorithm: "radicle", digest: "06".repeat(20) });
    expect(topics.map((topic) => topicAt(pathOf(topic)))).toEqual(topics);
  });

  it.each<[string, string, unknown]>([
    ["a failure that says to be provenance", "predicate.runDetails.byproducts.0.annotations.exitCode", 1],
    ["provenance that says to be a failure", "predicateType", failureType],
    ["a parameter that nobody knows", "predicate.buildDefinition.externalParameters.patch", "x"],
    [
      "another source than its dependency",
      "predicate.buildDefinition.externalParameters.source.uri",
      "git+https://example.org/other.git",
    ],
    ["no build id", "predicate.buildDefinition.internalParameters.buildId", undefined],
    ["a build id that is none", "predicate.buildDefinition.internalParameters.buildId", "0x01"],
    ["no end", "predicate.runDetails.byproducts", []],
    ["an artifact without sha256", "subject.0.digest", { sha512: "05".repeat(64) }],
    ["two subjects", "subject.1", { name: "x", digest: { sha256: "07".repeat(32) } }],
    ["nothing", "predicate", null],
  ])("that has %s is refused", (_, path, value) => {
    expect(() => buildIn(changed(path, value))).toThrow(malformed);
  });

  it("of another build type is not taken for one of this machine", () => {
    expect(isBuildStatement(changed("predicate.buildDefinition.buildType", "https://example.org/ci"))).toBe(false);
    expect(isBuildStatement(changed("predicate", null))).toBe(false);
  });
});

describe("the path of a topic", () => {
  it.each([
    ["attestations/sha256/../../secret.intoto.jsonl"],
    [`attestations/sha256/${"05".repeat(20)}.intoto.jsonl`],
    [`attestations/sha256/${"A5".repeat(32)}.intoto.jsonl`],
    [`attestations/md5/${"05".repeat(32)}.intoto.jsonl`],
    [`attestations/radicle/${"05".repeat(32)}.intoto.jsonl`],
    [`/attestations/sha256/${"05".repeat(32)}.intoto.jsonl`],
    [`attestations/sha256/${"05".repeat(32)}.intoto.jsonl/x`],
  ])("is not %s", (path) => {
    expect(topicAt(path)).toBeUndefined();
  });
});
