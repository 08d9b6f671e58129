import { describe, expect, it } from "vitest";
import type { BuildResult } from "../../src/attestation/buildResult.ts";
import { signerOf } from "../../src/attestation/keys.ts";
import { isAbout, type Statement, signStatement, statementIn } from "../../src/attestation/statement.ts";
import { statementOfTest, type TestVerdict, testIn } from "../../src/attestation/testResult.ts";

const signer = signerOf(new Uint8Array(32).fill(7));
const build: BuildResult = {
  buildId: `0x${"01".repeat(32)}`,
  environment: { name: "small", id: `0x${"02".repeat(32)}` },
  source: { uri: "git+https://example.org/project.git", revision: "main", digest: { gitCommit: "03".repeat(20) } },
  exitCode: 1,
  finalRoot: `0x${"04".repeat(32)}`,
  ticks: 75,
  log: { sha256: "06".repeat(32), size: 100 },
  startedAt: 1_796_000_000,
  finishedAt: 1_796_000_012,
};
const verdict: TestVerdict = {
  result: "FAILED",
  counts: { passed: 1, failed: 1, skipped: 2 },
  passedTests: ["a"],
  failedTests: ["b"],
  faults: [],
};
const make = (changes: Partial<TestVerdict> = {}, of: Partial<BuildResult> = {}) =>
  statementOfTest({ ...build, ...of }, { ...verdict, ...changes }, { id: signer.keyId, version: "0.1.0" });

describe("the statement of a test", () => {
  it("is in-toto's test result, about the commit, with the log's sha256 and the run", async () => {
    const statement = statementIn(await signStatement(signer, make()));
    expect(statement.predicateType).toBe("https://in-toto.io/attestation/test-result/v0.1");
    expect(isAbout(statement, "gitCommit", "03".repeat(20))).toBe(true);
    expect(statement.predicate).toMatchObject({
      result: "FAILED",
      configuration: [{ uri: build.source.uri, digest: build.source.digest }],
      passedTests: ["a"],
      warnedTests: [],
      failedTests: ["b"],
      "urn:assay:test:v1": { buildId: build.buildId, log: { digest: { sha256: "06".repeat(32) }, size: 100 } },
    });
    expect(testIn(statement)).toEqual({ ...verdict, buildId: build.buildId });
  });

  it.each<[string, Statement]>([
    ["passed, with a test that has failed", make({ result: "PASSED" })],
    ["passed, with an exit code", make({ result: "PASSED", counts: { passed: 1, failed: 0, skipped: 0 } })],
    ["failed, with nothing that has", make({ counts: { passed: 1, failed: 0, skipped: 0 } }, { exitCode: 0 })],
    ["another type", { ...make(), predicateType: "https://slsa.dev/provenance/v1" }],
    ["a log by another name", make({}, { log: { sha256: "x", size: 1 } })],
  ])("that contradicts itself is refused: %s", (_, statement) => {
    expect(() => testIn(statement)).toThrow(expect.objectContaining({ code: "attestation/malformed" }));
  });
});
