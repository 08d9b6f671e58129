import { z } from "zod";
import { checkValue } from "../core/json.ts";
import type { BuildResult } from "./buildResult.ts";
import { malformed } from "./errors.ts";
import type { KeyId } from "./keys.ts";
import { type Statement, statementOf } from "./statement.ts";

/** in-toto's predicate of test results, about the source's commit. */
export const testResultType = "https://in-toto.io/attestation/test-result/v0.1";
/** The field in it that says in which run of which build. */
const extension = "urn:assay:test:v1";

/** What a run of a test has come to. */
export interface TestVerdict {
  readonly result: "PASSED" | "WARNED" | "FAILED";
  readonly counts: { readonly passed: number; readonly failed: number; readonly skipped: number };
  /** Names, of the first of them. */
  readonly passedTests: readonly string[];
  readonly failedTests: readonly string[];
  /** What of its reports could not be read. */
  readonly faults: readonly string[];
}

const names = z.array(z.string().max(1000)).max(10_000).default([]);
const count = z.int().nonnegative();
const root = z.string().regex(/^0x[0-9a-f]{64}$/, "is not a root");
const schema = z.object({
  result: z.enum(["PASSED", "WARNED", "FAILED"]),
  passedTests: names,
  failedTests: names,
  [extension]: z.object({
    buildId: root,
    environmentId: root,
    finalRoot: root,
    exitCode: z.int(),
    counts: z.object({ passed: count, failed: count, skipped: count }),
    log: z
      .object({ digest: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/, "is not a sha256") }), size: count })
      .optional(),
    faults: names,
  }),
});

/** The statement of a test, besides that of the build that it is. */
export function statementOfTest(
  { source, buildId, environment, finalRoot, exitCode, log }: BuildResult,
  { result, counts, passedTests, failedTests, faults }: TestVerdict,
  builder: { readonly id: KeyId; readonly version: string },
): Statement {
  return statementOf([{ name: source.uri, digest: source.digest }], testResultType, {
    result,
    configuration: [{ name: "source", uri: source.uri, digest: source.digest }],
    passedTests,
    warnedTests: [],
    failedTests,
    [extension]: {
      builder: { id: builder.id, version: { assay: builder.version } },
      ...{ buildId, environmentId: environment.id, finalRoot, exitCode, counts },
      ...(log !== undefined && { log: { digest: { sha256: log.sha256 }, size: log.size } }),
      faults,
    },
  });
}

/**
 * The result of a test that a statement tells, and the build that it was.
 * @throws AssayError `attestation/malformed`, also where it contradicts itself.
 */
export function testIn(statement: Statement): TestVerdict & { readonly buildId: string } {
  const refuse = (why: string, cause?: unknown) => malformed("test's statement", why, cause);
  if (statement.predicateType !== testResultType) throw refuse(`its type is ${statement.predicateType}`);
  const { [extension]: run, ...told } = checkValue(statement.predicate, schema, refuse);
  const isBad = run.exitCode !== 0 || run.counts.failed > 0;
  if (isBad !== (told.result === "FAILED")) throw refuse("its result does not fit its counts and exit code");
  return { ...told, counts: run.counts, faults: run.faults, buildId: run.buildId };
}
