import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import type {} from "../../test/support/cpuOfFile.ts";
import type { FileReport } from "./report.ts";
import type { StageName } from "./stages.ts";

/** Writes what every test file did to the file that ASSAY_TEST_REPORT names, as JSON. */
export default class FileReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    writeFileSync(process.env.ASSAY_TEST_REPORT!, JSON.stringify(modules.map(reportOf)));
  }
}

function reportOf(module: TestModule): FileReport {
  const tests = [...module.children.allTests()];
  const failed = tests.filter((test) => test.result().state === "failed").length;
  const { collectDuration, setupDuration, duration } = module.diagnostic();
  return {
    file: relative(process.cwd(), module.moduleId),
    stage: module.project.name as StageName,
    seconds: (collectDuration + setupDuration + duration) / 1000,
    cpuSeconds: module.meta().cpuSeconds ?? 0,
    passed: tests.filter((test) => test.result().state === "passed").length,
    // A file that breaks outside its tests is one failure.
    failed: failed === 0 && module.state() === "failed" ? 1 : failed,
    skipped: tests
      .filter((test) => ["skipped", "pending"].includes(test.result().state))
      .map(({ fullName }) => fullName),
  };
}
