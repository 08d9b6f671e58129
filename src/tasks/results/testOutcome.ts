import { isAssayError } from "../../core/errors.ts";
import { parseJunit } from "./junit.ts";
import { badResults, isTap, parseTap } from "./tap.ts";
import type { TestCase } from "./testCase.ts";

/** What a run of a test has come to. */
export interface TestOutcome {
  /** `WARNED`: it has ended well, and what it says of its tests cannot be read. */
  readonly result: "PASSED" | "WARNED" | "FAILED";
  readonly counts: { readonly passed: number; readonly failed: number; readonly skipped: number };
  /** Names of the first of them. */
  readonly passedTests: readonly string[];
  readonly failedTests: readonly string[];
  /** Reports that could not be read, and why. */
  readonly faults: readonly string[];
}

/** Names of either kind that are kept, so that a signed result stays small. */
const mostNames = 1000;

/** A report of a test. */
export interface TestReport {
  /** Path of the file, or what else it is called. */
  readonly file: string;
  readonly content: Uint8Array;
}

/**
 * What a test has come to: it has failed if its command has, or one of its tests.
 * @param log all that it has printed; undefined if that is nothing, or some of it is missing.
 * @param reports the files of results that it has left; undefined where its task names none.
 */
export function testOutcomeOf(
  exitCode: number,
  log: Uint8Array | undefined,
  reports: readonly TestReport[] | undefined,
): TestOutcome {
  const tests: TestCase[] = [];
  const faults: string[] = [];
  const console = { file: "the console", content: log ?? new Uint8Array(0) };
  for (const report of [...(isTap(linesOf(console)) ? [console] : []), ...(reports ?? [])]) {
    try {
      tests.push(...testsIn(report));
    } catch (error) {
      if (!isAssayError(error, "tasks/bad-results")) throw error;
      faults.push(error.message);
    }
  }
  if (reports?.length === 0) faults.push("results: no file that they name is there");
  const named = (outcome: TestCase["outcome"]) =>
    tests.filter((test) => test.outcome === outcome).map(({ name }) => name);
  const [passed, failed, skipped] = [named("passed"), named("failed"), named("skipped")];
  const isBad = exitCode !== 0 || failed.length > 0;
  return {
    result: isBad ? "FAILED" : faults.length > 0 ? "WARNED" : "PASSED",
    counts: { passed: passed.length, failed: failed.length, skipped: skipped.length },
    passedTests: passed.slice(0, mostNames),
    failedTests: failed.slice(0, mostNames),
    faults: faults.slice(0, mostFaults),
  };
}

const mostFaults = 100;

function testsIn(report: TestReport): TestCase[] {
  const { file } = report;
  const lines = linesOf(report);
  if (isTap(lines)) return parseTap(lines, file);
  const text = lines.join("\n").trim();
  if (text.startsWith("<")) return parseJunit(text, file);
  throw badResults(file, "is neither TAP nor JUnit's XML");
}

function linesOf({ content }: TestReport): string[] {
  return new TextDecoder().decode(content).split(/\r?\n/);
}
