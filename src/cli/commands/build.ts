import type { Command } from "commander";
import type { Missing } from "../../agents/consoleLog.ts";
import { filesInTar } from "../../build/node/filesInTar.ts";
import type { BuildOutputs, LeftOutputs } from "../../environment/outputs.ts";
import { hasArtifact } from "../../programs/program.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { checkOutputFile, writeOutputFile } from "../../store/node/outputFile.ts";
import { type TestOutcome, testOutcomeOf } from "../../tasks/results/testOutcome.ts";
import { type BuildOptions, buildRequestOf, withBuildOptions } from "../buildOptions.ts";
import { exitStatus } from "../exitStatus.ts";
import { type LocalBuild, withLocalBuild } from "../localBuild.ts";
import { createOutput, table } from "../output.ts";

interface Options extends BuildOptions {
  readonly artifact?: string;
  readonly console: boolean;
  readonly json: boolean;
}

export function defineBuild(command: Command): void {
  command.argument("<source>", sourceHelp).option("--artifact <file>", "write the artifact to this file");
  withBuildOptions(command)
    .option("--no-console", "guests: do not show what the build prints (it is kept as a log all the same)")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
What a guest prints goes to stderr while it runs, and to a log file that the result names.

With --reports the test reports that the build leaves are counted, also of a build that fails.

Exit status: 0 built; 8 the build itself failed. What a failed build has left is its artifact all the same.

Examples:
  assay build . --artifact project.tar.gz
  assay build git+https://example.org/project.git --rev v1.2 --artifact project-1.2.tar.gz --json
  assay build . --env small --run "tcc -o hello hello.c" --out hello --artifact hello
  assay build . --env c --run "make" --out src/program --set CFLAGS=-O1 --ticks 20000
  assay build . --env c --run "make check" --out build --reports "**/*.xml" --artifact build.tar`,
    )
    .action(run);
}

async function run(location: string, options: Options): Promise<void> {
  const output = createOutput(options.json);
  if (options.artifact !== undefined) await checkOutputFile(options.artifact);
  const request = await buildRequestOf(location, options);
  const facts = await withLocalBuild(request, options.console, output, async (local) => await factsOf(local, options));
  output.data(facts, () => rowsOf(facts));
  if (facts.exitCode !== 0) process.exitCode = exitStatus.buildFailed;
}

type Facts = Awaited<ReturnType<typeof factsOf>>;

function rowsOf(facts: Facts): string[] {
  const { name, entries, driveSize } = facts.source;
  return table([
    ["build", facts.buildId],
    ["source", `${name}, ${entries} files, ${driveSize} bytes`],
    ["environment", `${facts.environment.name} ${facts.environment.id}`],
    ["exit code", `${facts.exitCode} (${facts.meaning})`],
    ...(facts.advice === undefined ? [] : [["what to do", facts.advice] as const]),
    ...artifactRows(facts),
    ["final root", facts.finalRoot],
    ["ticks", String(facts.ticks)],
    ["time", `${facts.seconds.toFixed(2)} s`],
    ...(facts.artifact === undefined ? [] : [["written to", facts.artifact] as const]),
    ...(facts.console === undefined ? [] : [["console log", facts.console] as const]),
    ...(facts.consoleMissing === undefined ? [] : [["not in the log", inWords(facts.consoleMissing)] as const]),
  ]);
}

function artifactRows({ artifactSha256, artifactSize, outputs, tests }: Facts): (readonly [string, string])[] {
  if (artifactSha256 === undefined) return [["artifact", "none"], ...testRows(tests)];
  const archive = outputs?.artifact?.kind === "archive";
  return [
    [archive ? "archive sha256" : "artifact sha256", artifactSha256],
    [archive ? "archive size" : "artifact size", `${artifactSize} bytes`],
    ...testRows(tests),
  ];
}

function testRows(tests: TestOutcome | undefined): (readonly [string, string])[] {
  if (tests === undefined) return [];
  const { passed, failed, skipped } = tests.counts;
  return [
    ["tests", `${passed} passed, ${failed} failed, ${skipped} skipped`],
    ...tests.failedTests.slice(0, 20).map((name) => ["failed", name] as const),
    ...tests.faults.map((fault) => ["not read", fault] as const),
  ];
}

/** Writes the artifact, too. */
async function factsOf({ request, build, finished, log, missing }: LocalBuild, options: Options) {
  const { record, finalRoot, ticks, seconds } = finished;
  const { environment, buildId, description } = build;
  const { version, exitCode, artifactSize, artifactSha256 } = record;
  const left = hasArtifact(record);
  const artifact = left ? options.artifact : undefined;
  if (artifact !== undefined) {
    const kind = finished.outputs?.artifact;
    await writeOutputFile(artifact, await finished.readArtifact(), kind?.kind === "file" && kind.executable);
  }
  const reports = options.reports.length === 0 ? undefined : await filesInTar(finished.outputs?.reports);
  return {
    buildId,
    source: description,
    environment: { name: environment.name, id: environment.id },
    ...{ version, exitCode },
    ...(left && { artifactSize, artifactSha256 }),
    outputs: finished.outputs && outputsShown(finished.outputs),
    tests: reports && testOutcomeOf(exitCode, undefined, reports),
    meaning: environment.describeExit(exitCode),
    advice: request.command && environment.adviseOnExit?.(exitCode, request.command),
    finalRoot,
    ticks,
    seconds,
    artifact,
    console: log,
    consoleMissing: missing,
  };
}

function outputsShown({ log, artifact, outputs }: LeftOutputs): BuildOutputs {
  return { log, artifact, outputs };
}

function inWords({ lost, cut }: Missing): string {
  return [
    ...(cut > 0 ? [`the last ${cut} bytes that were printed: the log is full`] : []),
    ...(lost > 0 ? [`${lost} bytes that were overwritten before they could be read: zeros in it`] : []),
  ].join("; ");
}
