import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compilePackage } from "./compiledPackage.ts";
import { testArguments } from "./tests/arguments.ts";
import { durationsFile, readDurations, recorded } from "./tests/durations.ts";
import {
  type Counts,
  countsOf,
  countsText,
  type FileReport,
  nothing,
  solidityCounts,
  stageLines,
  sum,
  timesLines,
} from "./tests/report.ts";
import { type StageName, stageNames } from "./tests/stages.ts";

const timesCount = 30;
/** Where Node keeps what V8 has compiled, for the hundreds of processes of a run. */
const compileCache = fileURLToPath(new URL("../build/compileCache", import.meta.url));

/** Runs a command; resolves with its exit status and what it wrote to standard output. @param shown also as it comes. */
function run(
  command: string,
  args: readonly string[],
  { shown, environment = {} }: { shown: boolean; environment?: Readonly<Record<string, string>> },
): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (shown) process.stdout.write(chunk);
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

/** All TypeScript tests of some stages. A run that breaks before it has counted anything is one failure. */
async function vitest(stages: readonly StageName[], args: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "assay-tests-"));
  const report = join(folder, "report.json");
  const projects = stages.flatMap((stage) => ["--project", stage]);
  const reporters = ["--reporter=default", "--reporter=./scripts/tests/reporter.ts"];
  const environment = { ASSAY_TEST_REPORT: report, ASSAY_BUILT: "true", NODE_COMPILE_CACHE: compileCache };
  const { status } = await run("vitest", ["run", ...reporters, ...projects, ...args], { shown: true, environment });
  const text = await readFile(report, "utf8").catch(() => "[]");
  await rm(folder, { recursive: true, force: true });
  const files = JSON.parse(text) as FileReport[];
  const counts = countsOf(files);
  return { files, counts: { ...counts, failed: counts.failed === 0 && status !== 0 ? 1 : counts.failed } };
}

/**
 * The Solidity tests, with Hardhat's own runner, beside the others: what it says is shown when it ends. It leaves the contracts'
 * types as they are, since the others read them, and shares the lock of builds.
 */
async function solidity(): Promise<{ counts: Counts; seconds: number; output: string }> {
  const started = Date.now();
  const locked = 'root="$PWD"; . scripts/lock.sh; with_lock build hardhat test solidity';
  const { status, output } = await run("bash", ["-c", locked], {
    shown: false,
    environment: { ASSAY_KEEP_TYPES: "true" },
  });
  return { counts: solidityCounts(output, status), seconds: (Date.now() - started) / 1000, output };
}

async function main(): Promise<void> {
  const { stages, times, record, others } = testArguments(process.argv.slice(2));
  const chosen = stages.length === 0 ? stageNames : stages;
  compilePackage();
  // A run of chosen files or tests has none in Solidity.
  const contracts = others.length === 0 && chosen.includes("chain") ? solidity() : undefined;
  const { files, counts } = await vitest(chosen, others);
  const inSolidity = await contracts;
  if (inSolidity !== undefined) process.stdout.write(inSolidity.output);

  for (const { skipped } of files) for (const name of skipped) console.log(`skipped: ${name}`);
  if (record) await writeFile(durationsFile, recorded(readDurations(), files));
  if (times) console.log(`\nThe files that took most, CPU and time:\n${timesLines(files, timesCount).join("\n")}`);
  console.log(`\n${stageLines(files, chosen).join("\n")}`);
  if (inSolidity !== undefined) {
    console.log(`solidity ${countsText(inSolidity.counts)}, ${inSolidity.seconds.toFixed(0)} s (beside the others)`);
  }
  const total = sum([counts, inSolidity?.counts ?? nothing]);
  console.log(`\n${countsText(total)}`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
