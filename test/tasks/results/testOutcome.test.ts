import { describe, expect, it } from "vitest";
import { testOutcomeOf } from "../../../src/tasks/results/testOutcome.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const outcome = (log: string, exitCode = 0) => testOutcomeOf(exitCode, bytes(log), undefined);
const outcomeIn = (files: Readonly<Record<string, string>>) =>
  testOutcomeOf(
    0,
    bytes("hello\n"),
    Object.entries(files).map(([file, text]) => ({ file, content: bytes(text) })),
  );

describe("what a test that says nothing has come to", () => {
  it("is its exit code", () => {
    expect(testOutcomeOf(0, undefined, undefined)).toMatchObject({
      result: "PASSED",
      counts: { passed: 0, failed: 0 },
    });
    expect(outcome("1 passed\n", 3)).toMatchObject({ result: "FAILED", failedTests: [] });
  });

  it("is a warning where its file names results", () => {
    expect(outcomeIn({})).toMatchObject({ result: "WARNED", faults: [expect.stringMatching(/no file/)] });
    expect(testOutcomeOf(1, undefined, []).result).toBe("FAILED");
  });
});

describe("TAP on the console", () => {
  it("is counted, with what is skipped and to be done apart", () => {
    const log = [
      ...["booting", "TAP version 14", "1..5", "ok 1 - adds", "not ok 2 - divides", "  ---", "  why: x", "  ..."],
      ...["ok 3 # SKIP no network", "not ok 4 - later # TODO", "    not ok 1 - within", "ok - last \\# 5", "done", ""],
    ].join("\r\n");
    expect(outcome(log)).toEqual({
      result: "FAILED",
      counts: { passed: 2, failed: 1, skipped: 2 },
      passedTests: ["adds", "last \\# 5"],
      failedTests: ["divides"],
      faults: [],
    });
  });

  it.each<[string, string, string, RegExp | undefined]>([
    ["all is well", "1..2\nok 1\nok 2\n", "PASSED", undefined],
    ["of two programs", "1..1\nok 1\n1..1\nok 1\n", "PASSED", undefined],
    ["the plan at the end", "ok 1\nok 2\n1..2\n", "PASSED", undefined],
    ["fewer than planned", "1..3\nok 1\nok 2\n", "FAILED", /3 tests are planned, 2 were run/],
    ["without a plan", "TAP version 13\nok 1\n", "FAILED", /no plan/],
    ["bailed out", "1..1\nok 1\nBail out! no disk\n", "FAILED", /bailed out/],
    ["all are skipped", "TAP version 14\n1..0 # SKIP nothing here\n", "PASSED", undefined],
    ["no TAP", "ok then\nnot ok, then\n", "PASSED", undefined],
  ])("%s", (_, log, result, failed) => {
    const given = outcome(log);
    expect(given.result).toBe(result);
    if (failed === undefined) expect(given.failedTests).toEqual([]);
    else expect(given.failedTests.join()).toMatch(failed);
  });
});

const junit = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="a" tests="4">
  <testcase classname="a.B" name="adds"/>
  <testcase classname="a.B" name="divides &amp; rounds"><failure message="no">x &lt; y</failure></testcase>
  <testcase name="reads"><error/></testcase>
  <testcase name="waits"><skipped/></testcase>
  <system-out><![CDATA[<testcase name="no"/>]]></system-out>
</testsuite></testsuites>`;

describe("results in files", () => {
  it("are JUnit's XML", () => {
    expect(outcomeIn({ "report/a.xml": junit })).toEqual({
      result: "FAILED",
      counts: { passed: 1, failed: 2, skipped: 1 },
      passedTests: ["a.B.adds"],
      failedTests: ["a.B.divides & rounds", "reads"],
      faults: [],
    });
  });

  it("are TAP too, and add up", () => {
    const good = junit.replaceAll(/<failure.*<\/failure>|<error\/>/g, "");
    expect(outcomeIn({ "a.tap": "1..1\nok 1 - x\n", "b.xml": good })).toMatchObject({
      result: "PASSED",
      counts: { passed: 4, skipped: 1 },
    });
  });

  const bomb = `<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuite>&b;</testsuite>`;
  const external = `<!DOCTYPE b SYSTEM "file:///etc/passwd"><testsuite/>`;
  it.each<[string, string, RegExp]>([
    ["entities that grow", bomb, /^r\.xml: has a document type/],
    ["a document type from elsewhere", external, /has a document type/],
    ["an entity that nothing defines", "<testsuite>&a;</testsuite>", /is no XML/],
    ["elements without end", "<testsuite>".repeat(100), /deeper than 64/],
    ["another document", "<html/>", /no report of JUnit: it begins with "html"/],
    ["what is not closed", "<testsuite><testcase name='a'>", /is no XML/],
    ["no XML", "hello", /neither TAP nor/],
    ["tests without end", `<testsuite>${"<testcase/>".repeat(100_001)}</testsuite>`, /more than 100000 tests/],
    ["a file that is too large", `<testsuite>${" ".repeat(2 ** 24)}</testsuite>`, /characters/],
  ])("%s is refused by name, and a warning", (_, text, why) => {
    expect(outcomeIn({ "r.xml": text })).toMatchObject({
      result: "WARNED",
      counts: { passed: 0, failed: 0, skipped: 0 },
      faults: [expect.stringMatching(why)],
    });
  });

  it("keep what is signed small", () => {
    const many = `<testsuite>${'<testcase name="a"/>'.repeat(5000)}${`<testcase name="${"b".repeat(5000)}"><error/></testcase>`}</testsuite>`;
    const given = outcomeIn({ "r.xml": many });
    expect(given.counts).toEqual({ passed: 5000, failed: 1, skipped: 0 });
    expect(given.passedTests).toHaveLength(1000);
    expect(given.failedTests[0]!.length).toBe(201);
  });
});
