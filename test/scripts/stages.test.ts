import { execFileSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { relative } from "node:path";
import { describe, expect, it } from "vitest";
import { testArguments } from "../../scripts/tests/arguments.ts";
import { cpuSeconds } from "../../scripts/tests/cpuSeconds.ts";
import { readDurations, recorded } from "../../scripts/tests/durations.ts";
import { countsText, solidityCounts, stageLines, timesLines } from "../../scripts/tests/report.ts";
import { stageNames } from "../../scripts/tests/stages.ts";

/** Which stage takes which file, as vitest has it. */
function filesByStage(): { file: string; projectName: string }[] {
  const text = execFileSync("vitest", ["list", "--filesOnly", "--json"], { encoding: "utf8" });
  return (JSON.parse(text) as { file: string; projectName: string }[]).map(({ file, projectName }) => ({
    file: relative(process.cwd(), file),
    projectName,
  }));
}

describe("the stages of the tests", () => {
  const listed = filesByStage();

  it("have every test file, and each in one of them only", () => {
    const files = ["bench", "contracts", "deploy", "docs", "scripts", "src", "test"].flatMap((folder) =>
      globSync(`${folder}/**/*.{test,spec}.{ts,mts,js,mjs}`, { exclude: ["**/node_modules"] }),
    );
    expect(files.length).toBeGreaterThan(200);
    expect(listed.map(({ file }) => file).sort()).toEqual(files.sort());
  });

  it("are all there, and each has files", () => {
    expect([...new Set(listed.map(({ projectName }) => projectName))].sort()).toEqual([...stageNames].sort());
  });

  it("have durations only of files that exist", () => {
    expect(Object.keys(readDurations()).filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe("the arguments of npm test", () => {
  it("are stages, flags, and what is left to vitest", () => {
    const none = { stages: [], times: false, record: false, others: [] };
    expect(testArguments([])).toEqual(none);
    const stages = ["chain", "spec"];
    const others = ["test/step", "-t", "gas"];
    expect(testArguments(["--stage", "chain", "test/step", "--stage=spec", "-t", "gas"])).toEqual({
      ...none,
      stages,
      others,
    });
    expect(testArguments(["--times", "--record"])).toEqual({ ...none, times: true, record: true });
  });

  it("are refused with the names of the stages when one is not known", () => {
    for (const args of [["--stage", "all"], ["--stage"], ["--stage="]]) {
      expect(() => testArguments(args)).toThrow(/unit .*\n *chain .*\n *guest .*\n *spec /);
    }
  });
});

describe("the report of npm test", () => {
  const files = [
    {
      file: "test/a.test.ts",
      stage: "unit",
      seconds: 1.25,
      cpuSeconds: 0.75,
      passed: 3,
      failed: 0,
      skipped: ["a > b"],
    },
    { file: "test/b.test.ts", stage: "unit", seconds: 20, cpuSeconds: 2.5, passed: 1, failed: 1, skipped: [] },
    { file: "test/c.chain.test.ts", stage: "chain", seconds: 7, cpuSeconds: 11, passed: 5, failed: 0, skipped: [] },
  ] as const;

  it("counts each stage by itself", () => {
    expect(stageLines(files, stageNames)).toEqual([
      "unit     4 passed, 1 failed, 1 skipped, 21 s (CPU 3 s) in 2 files",
      "chain    5 passed, 0 failed, 0 skipped, 7 s (CPU 11 s) in 1 files",
    ]);
  });

  it("names the files that took most CPU time, and records how long each took", () => {
    expect(timesLines(files, 2)).toEqual([
      "   11.0 s     7.0 s  chain  test/c.chain.test.ts",
      "    2.5 s    20.0 s  unit   test/b.test.ts",
    ]);
    const before = { "test/a.test.ts": 9, "test/d.test.ts": 8 };
    expect(Object.entries(JSON.parse(recorded(before, files)))).toEqual([
      ["test/b.test.ts", 20],
      ["test/d.test.ts", 8],
      ["test/c.chain.test.ts", 7],
    ]);
  });

  it("reads what Hardhat counted, and takes a run without tests for a failure", () => {
    const text = "  27 passing\n  2 failing\n  1 skipped\n";
    expect(countsText(solidityCounts(text, 1))).toBe("27 passed, 2 failed, 1 skipped");
    expect(countsText(solidityCounts("", 0))).toBe("0 passed, 1 failed, 0 skipped");
    expect(countsText(solidityCounts("  27 passing\n", 1))).toBe("27 passed, 1 failed, 0 skipped");
  });
});

describe("CPU time", () => {
  it.runIf(process.platform === "linux")("is that of a process and of what it has started", () => {
    const [before, own] = [cpuSeconds(), process.cpuUsage()];
    const busy = "const until = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < until);";
    execFileSync(process.execPath, ["-e", busy]);
    const { user, system } = process.cpuUsage(own);
    const others = cpuSeconds() - before - (user + system) / 1e6;
    expect(others).toBeGreaterThan(0.25);
  });
});
