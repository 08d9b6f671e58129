import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { publishResult } from "../../agents/follower/publishResult.ts";
import { outcomeOf, requestOf } from "../../agents/follower/runTask.ts";
import { formatBundle } from "../../attestation/bundle.ts";
import type { Envelope } from "../../attestation/dsse.ts";
import type { Signer } from "../../attestation/keys.ts";
import { openSigningKey } from "../../attestation/node/signingKey.ts";
import { buildResultOf, bytesOfCheckpoints } from "../../build/node/buildResult.ts";
import { readPassword } from "../../chain/node/keys.ts";
import { AssayError } from "../../core/errors.ts";
import { packageVersion } from "../../core/node/packageFiles.ts";
import { printable } from "../../core/printable.ts";
import { hasArtifact } from "../../programs/program.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { checkOutputFile, writeOutputFile } from "../../store/node/outputFile.ts";
import { readTasks } from "../../tasks/node/readTasks.ts";
import type { TestOutcome } from "../../tasks/results/testOutcome.ts";
import type { Task } from "../../tasks/task.ts";
import { mostLogBytes, taskFilePath } from "../../tasks/taskSchema.ts";
import { dependenciesOf } from "../buildDependencies.ts";
import { exitStatus } from "../exitStatus.ts";
import { type LocalBuild, withLocalBuild } from "../localBuild.ts";
import { createOutput, grid, type Output } from "../output.ts";

interface Options {
  readonly source: string;
  readonly rev?: string;
  readonly artifacts?: string;
  readonly key?: string;
  readonly passwordFile?: string;
  readonly publish?: string;
  readonly bundle?: string;
  readonly uri?: string;
  readonly console: boolean;
  readonly json: boolean;
}

export function defineRun(command: Command): void {
  command
    .argument("[task...]", `names of tasks in ${taskFilePath}; all of them when missing`)
    .option("--source <source>", sourceHelp, ".")
    .option("--rev <revision>", "commit, tag or branch of a repository (default: HEAD)")
    .option("--artifacts <folder>", "write each task's artifact to this folder, under the task's name")
    .option("--key <file>", "sign the results with this key (`assay key new --signing`), those of failures too")
    .option("--password-file <file>", "file that holds its password on its first line (default: ASSAY_PASSWORD)")
    .option("--publish <folder>", "with --key: add signed results and contents to this folder, as `assay follow` does")
    .option("--bundle <file>", "with --key: write the signed results as JSON Lines (.intoto.jsonl)")
    .option("--uri <uri>", "with --key: where others find the source, if not where it is read here")
    .option("--no-console", "guests: do not show what the tasks print")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Tasks are run exactly as every agent runs them (\`assay follow\`). Of a repository that is the commit: changes that are not committed
are not part of it.

Exit status: 0 all have succeeded; 2 the file of tasks is wrong or has no such task; 8 a task, or a test in it, has failed.

Examples:
  assay run
  assay run bundle --artifacts ./out
  assay run --source git+https://example.org/project.git --rev v1.2 --json
  assay run --key signing.json --publish ./store --uri git+https://example.org/project.git`,
    )
    .action(run);
}

async function run(names: readonly string[], options: Options): Promise<void> {
  const { source, rev, artifacts, bundle, json } = options;
  const output = createOutput(json);
  const signer = await signerOf(options);
  const { tasks: all, unmapped } = await readTasks(source, rev);
  for (const part of unmapped) process.stderr.write(`not run: ${printable(part)}\n`);
  const tasks = chosen(all, names);
  const fileOf = (task: Task) => (artifacts === undefined ? undefined : join(artifacts, task.name));
  for (const file of [...tasks.map(fileOf), bundle]) if (file !== undefined) await checkOutputFile(file);
  const results: TaskFacts[] = [];
  const signed: Envelope[] = [];
  for (const task of tasks) {
    output.note(`task ${task.name}`);
    const one = await runOne(task, options, signer, fileOf(task), output);
    results.push(one.facts);
    signed.push(...one.envelopes);
  }
  if (bundle !== undefined) await writeOutputFile(bundle, new TextEncoder().encode(formatBundle(signed)));
  output.data(results, () =>
    grid(
      ["task", "result", "artifact sha256", "build"],
      results.map(({ task, meaning, tests, artifactSha256, buildId }) => [
        task,
        [meaning, ...wordsOf(tests)].join("; "),
        artifactSha256,
        buildId,
      ]),
    ),
  );
  const isBad = ({ exitCode, tests }: TaskFacts) => exitCode !== 0 || tests?.result === "FAILED";
  if (results.some(isBad)) process.exitCode = exitStatus.buildFailed;
}

/** @throws AssayError `cli/bad-argument` for options that have no meaning without a key, or a key without them. */
async function signerOf({ key, passwordFile, publish, bundle, uri }: Options): Promise<Signer | undefined> {
  if (key === undefined) {
    if (publish ?? bundle ?? uri) throw badArgument("--publish, --bundle and --uri need a key that signs: --key");
    return undefined;
  }
  if (publish === undefined && bundle === undefined) {
    throw badArgument("name where signed results go: --publish <folder> or --bundle <file>");
  }
  return await openSigningKey(key, await readPassword({ keystore: key, passwordFile }, process.env));
}

/** @throws AssayError `cli/bad-argument` naming the tasks that there are. */
function chosen(tasks: readonly Task[], names: readonly string[]): readonly Task[] {
  const unknown = names.filter((name) => tasks.every((task) => task.name !== name));
  if (unknown.length > 0) {
    const there = tasks.map(({ name }) => name).join(", ");
    throw badArgument(`there is no task ${unknown.join(", ")}; there is: ${there}`);
  }
  return names.length === 0 ? tasks : tasks.filter(({ name }) => names.includes(name));
}

type TaskFacts = ReturnType<typeof factsOf>;

interface OneTask {
  readonly facts: TaskFacts;
  readonly envelopes: readonly Envelope[];
}

async function runOne(
  task: Task,
  { source, rev, publish, uri, console: shows }: Options,
  signer: Signer | undefined,
  file: string | undefined,
  output: Output,
): Promise<OneTask> {
  const plain = requestOf(source, rev, task);
  const request = { ...plain, dependencies: await dependenciesOf(plain) };
  return await withLocalBuild(request, shows, output, async (local) => {
    const { build, finished } = local;
    const left = hasArtifact(finished.record);
    const artifact = left && (file ?? publish) !== undefined ? await finished.readArtifact() : undefined;
    if (file !== undefined && artifact !== undefined) await writeOutputFile(file, artifact);
    const log = await logOf(local);
    const test = await outcomeOf(task, finished, log);
    const facts = factsOf(task, local, left ? file : undefined, test);
    if (signer === undefined) return { facts, envelopes: [] };
    const result = await buildResultOf({ ...local, log: log && local.log }, uri);
    const checkpoints = result.checkpoints && bytesOfCheckpoints(finished.checkpoints);
    const executionKey = await finished.executionKey();
    const done = { result, executionKey, input: build.drive, artifact, checkpoints, log, test };
    const options = { signer, version: packageVersion(), publishFolder: publish };
    return { facts, envelopes: await publishResult(done, task, options) };
  });
}

/** All that a task has printed; undefined as agents have it. */
async function logOf({ log, missing }: LocalBuild): Promise<Uint8Array | undefined> {
  if (log === undefined || missing !== undefined || (await stat(log)).size > mostLogBytes) return undefined;
  return new Uint8Array(await readFile(log));
}

function factsOf(
  { name, kind }: Task,
  { build, finished, log }: LocalBuild,
  artifact: string | undefined,
  tests: TestOutcome | undefined,
) {
  const { exitCode, artifactSha256, artifactSize } = finished.record;
  const { buildId, environment } = build;
  const meaning = environment.describeExit(exitCode);
  const { ticks, seconds } = finished;
  return {
    task: name,
    kind,
    buildId,
    exitCode,
    meaning,
    artifactSha256,
    artifactSize,
    ticks,
    seconds,
    artifact,
    console: log,
    tests,
  };
}

function wordsOf(tests: TestOutcome | undefined): string[] {
  if (tests === undefined) return [];
  const { passed, failed, skipped } = tests.counts;
  const counts = passed + failed + skipped === 0 ? [] : [`${passed} passed, ${failed} failed, ${skipped} skipped`];
  return [...counts, ...tests.faults];
}

function badArgument(message: string) {
  return new AssayError("cli/bad-argument", message, {});
}
