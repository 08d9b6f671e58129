import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a test run counted. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Runs a command with the terminal attached; resolves with its exit status and what it wrote to standard output. */
function run(command: string, args: readonly string[]): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

/** All TypeScript tests. A run that breaks before it has counted anything is one failure. */
async function vitest(args: readonly string[]): Promise<Counts> {
  const report = join(tmpdir(), `assay-vitest-${process.pid}.json`);
  const { status } = await run("vitest", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...args,
  ]);
  const text = await readFile(report, "utf8").catch(() => undefined);
  await rm(report, { force: true });
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(text) as {
    numPassedTests: number;
    numFailedTests: number;
    numFailedTestSuites: number;
    numPendingTests: number;
    numTodoTests: number;
    testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[];
  };
  for (const file of result.testResults) {
    for (const test of file.assertionResults.filter(({ status }) => status !== "passed" && status !== "failed")) {
      console.log(`skipped: ${test.fullName}`);
    }
  }
  const brokenFiles = result.testResults.filter(
    (file) =>
      (file as { status?: string }).status === "failed" &&
      file.assertionResults.every((test) => test.status !== "failed"),
  ).length;
  const failed = result.numFailedTests + brokenFiles;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** The Solidity tests, with Hardhat's own runner. */
async function solidity(): Promise<Counts> {
  const { status, output } = await run("hardhat", ["test", "solidity"]);
  const count = (word: string) => Number(output.match(new RegExp(`^\\s*(\\d+) ${word}`, "m"))?.[1] ?? 0);
  const [passed, failed] = [count("passing"), count("failing")];
  // A run that breaks, or finds no tests, is one failure.
  return { passed, failed: failed === 0 && (status !== 0 || passed === 0) ? 1 : failed, skipped: count("skipped") };
}

await mkdir("build", { recursive: true });
const args = process.argv.slice(2);
const runs = [await vitest(args)];
if (args.length === 0) runs.push(await solidity());
const total = (key: keyof Counts) => runs.reduce((sum, counts) => sum + counts[key], 0);
console.log(`\n${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
process.exitCode = total("failed") === 0 && total("passed") > 0 ? 0 : 1;
