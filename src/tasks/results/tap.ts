import { AssayError } from "../../core/errors.ts";
import { mostTests, nameOf, type TestCase } from "./testCase.ts";

const version = /^TAP version 1[0-9]\s*$/;
const planLine = /^1\.\.(\d{1,9})(?:\s|$)/;
const testLine = /^(not )?ok\b[ \t]*(\d{0,9})[ \t]*(.*)$/;
/** Of each line, what is looked at. */
const mostCharacters = 2000;

/** Whether lines hold results in the form of the Test Anything Protocol: a version or a plan, and a test or none at all. */
export function isTap(lines: readonly string[]): boolean {
  return lines.some((line) => version.test(line)) || (lines.some(isPlan) && lines.some((line) => testLine.test(line)));
}

function isPlan(line: string): boolean {
  return planLine.test(line.slice(0, 100));
}

/**
 * The tests of a TAP stream (12 to 14), or of several in a row; what else is printed between them is passed over, and so are subtests, which
 * the line behind them sums up. Too few or too many tests for the plan, no plan, and `Bail out!` are failures of their own.
 * @throws AssayError `tasks/bad-results`
 */
export function parseTap(lines: readonly string[], file: string): TestCase[] {
  const tests: TestCase[] = [];
  let planned: number | undefined;
  let bailed = false;
  for (const whole of lines) {
    const line = whole.slice(0, mostCharacters);
    const plan = planLine.exec(line);
    const test = testLine.exec(line);
    if (plan !== null) planned = (planned ?? 0) + Number(plan[1]);
    else if (line.startsWith("Bail out!")) bailed = true;
    if (test === null) continue;
    if (tests.length === mostTests) throw badResults(file, `has more than ${mostTests} tests`);
    tests.push(testOf(test, tests.length + 1));
  }
  const ran = tests.length;
  if (bailed) tests.push({ name: "the run was bailed out of", outcome: "failed" });
  if (planned !== ran) {
    const name = planned === undefined ? "there is no plan" : `${planned} tests are planned, ${ran} were run`;
    tests.push({ name, outcome: "failed" });
  }
  return tests;
}

function testOf([, not, number, rest = ""]: RegExpExecArray, position: number): TestCase {
  const [, description = "", directive = ""] = /^(.*?)(?:(?<!\\)#\s*(skip|todo)\b.*)?$/i.exec(rest) ?? [];
  const name = nameOf(description.replace(/^\s*-?\s*/, "").trim() || `test ${number || position}`);
  if (directive !== "") return { name, outcome: "skipped" };
  return { name, outcome: not === undefined ? "passed" : "failed" };
}

export function badResults(file: string, why: string, cause?: unknown) {
  return new AssayError("tasks/bad-results", `${file}: ${why}`, { file, why }, { cause });
}
