import { isAssayError } from "../../core/errors.ts";
import { parseJunit } from "./junit.ts";
import { type Section, sectionsOf } from "./sections.ts";
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

/**
 * What a test has come to: it has failed if its command has, or one of its tests.
 * @param log all that it has printed; undefined if that is nothing, or some of it is missing.
 * @param expects whether its file names files with results: not finding any is a fault.
 */
export function testOutcomeOf(exitCode: number, log: Uint8Array | undefined, expects: boolean): TestOutcome {
  const tests: TestCase[] = [];
  const faults: string[] = [];
  const { console, files } = sectionsOf(log ?? new Uint8Array(0));
  for (const section of [...(isTap(console.lines) ? [console] : []), ...files]) {
    try {
      tests.push(...testsIn(section));
    } catch (error) {
      if (!isAssayError(error, "tasks/bad-results")) throw error;
      faults.push(error.message);
    }
  }
  if (log === undefined && expects) faults.push("results: what it has printed is not known as a whole");
  else if (expects && files.length === 0) faults.push("results: no file that they name is there");
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

function testsIn({ file = "the console", lines }: Section): TestCase[] {
  if (isTap(lines)) return parseTap(lines, file);
  const text = lines.join("\n").trim();
  if (text.startsWith("<")) return parseJunit(text, file);
  throw badResults(file, "is neither TAP nor JUnit's XML");
}
