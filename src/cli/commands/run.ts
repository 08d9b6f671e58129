import { join } from "node:path";
import type { Command } from "commander";
import { requestOf } from "../../agents/follower/runTask.ts";
import { AssayError } from "../../core/errors.ts";
import { sourceHelp } from "../../source/node/readSource.ts";
import { checkOutputFile, writeOutputFile } from "../../store/node/outputFile.ts";
import { readTasks } from "../../tasks/node/readTasks.ts";
import { type Task, taskFilePath } from "../../tasks/taskFile.ts";
import { exitStatus } from "../exitStatus.ts";
import { type LocalBuild, withLocalBuild } from "../localBuild.ts";
import { createOutput, grid, type Output } from "../output.ts";

interface Options {
  readonly source: string;
  readonly rev?: string;
  readonly artifacts?: string;
  readonly console: boolean;
  readonly json: boolean;
}

export function defineRun(command: Command): void {
  command
    .argument("[task...]", `names of tasks in ${taskFilePath}; all of them when missing`)
    .option("--source <source>", sourceHelp, ".")
    .option("--rev <revision>", "commit, tag or branch of a repository (default: HEAD)")
    .option("--artifacts <folder>", "write each task's artifact to this folder, under the task's name")
    .option("--no-console", "guests: do not show what the tasks print")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Tasks are run exactly as every agent runs them (\`assay follow\`). Of a repository that is the commit: changes that are not committed
are not part of it.

Exit status: 0 all have succeeded; 2 the file of tasks is wrong or has no such task; 8 a task has failed.

Examples:
  assay run
  assay run bundle --artifacts ./out
  assay run --source git+https://example.org/project.git --rev v1.2 --json`,
    )
    .action(run);
}

async function run(names: readonly string[], options: Options): Promise<void> {
  const { source, rev, artifacts, console: shows, json } = options;
  const output = createOutput(json);
  const tasks = chosen(await readTasks(source, rev), names);
  const fileOf = (task: Task) => (artifacts === undefined ? undefined : join(artifacts, task.name));
  for (const task of tasks) {
    const file = fileOf(task);
    if (file !== undefined) await checkOutputFile(file);
  }
  const results: TaskFacts[] = [];
  for (const task of tasks) results.push(await runOne(task, options, shows, fileOf(task), output));
  output.data(results, () =>
    grid(
      ["task", "result", "artifact sha256", "build"],
      results.map(({ task, meaning, artifactSha256, buildId }) => [task, meaning, artifactSha256, buildId]),
    ),
  );
  if (results.some(({ exitCode }) => exitCode !== 0)) process.exitCode = exitStatus.buildFailed;
}

/** @throws AssayError `cli/bad-argument` naming the tasks that there are. */
function chosen(tasks: readonly Task[], names: readonly string[]): readonly Task[] {
  const unknown = names.filter((name) => tasks.every((task) => task.name !== name));
  if (unknown.length > 0) {
    const there = tasks.map(({ name }) => name).join(", ");
    throw new AssayError("cli/bad-argument", `there is no task ${unknown.join(", ")}; there is: ${there}`, {});
  }
  return names.length === 0 ? tasks : tasks.filter(({ name }) => names.includes(name));
}

type TaskFacts = ReturnType<typeof factsOf>;

async function runOne(
  task: Task,
  { source, rev }: Options,
  shows: boolean,
  file: string | undefined,
  output: Output,
): Promise<TaskFacts> {
  output.note(`task ${task.name}`);
  return await withLocalBuild(requestOf(source, rev, task), shows, output, async (local) => {
    const succeeded = local.finished.record.exitCode === 0;
    if (succeeded && file !== undefined) await writeOutputFile(file, await local.finished.readArtifact());
    return factsOf(task, local, succeeded ? file : undefined);
  });
}

function factsOf({ name, kind }: Task, { build, finished, log }: LocalBuild, artifact: string | undefined) {
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
  };
}
