import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Command } from "commander";
import { ConsoleLog, type Missing } from "../../agents/consoleLog.ts";
import type { IdentifiedBuild } from "../../build/node/identifyBuild.ts";
import { type LocalRun, startLocalRun } from "../../build/node/localRun.ts";
import { toHex } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import type { WorkerSessionOptions } from "../../machine/native/node/workerSession.ts";
import type { RingContent } from "../../machine/native/ringBuffer.ts";
import type { ResultRecord } from "../../programs/program.ts";
import { resultRecordSize } from "../../programs/program.ts";
import { readResultRecord } from "../../programs/resultRecord.ts";
import { sourceHelp } from "../../source/node/readSource.ts";
import { checkOutputFile, writeOutputFile } from "../../store/node/outputFile.ts";
import { type BuildOptions, buildRequestOf, withBuildOptions } from "../buildOptions.ts";
import { ConsoleText } from "../consoleText.ts";
import type { CliErrorCode } from "../errors.ts";
import { exitStatus } from "../exitStatus.ts";
import { createOutput, type Progress, table } from "../output.ts";

/** As the deployments' parameters have it; nothing here depends on it but where the run stops to hash. */
const log2Arity = 4;

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

Exit status: 0 built; 8 the build itself failed.

Examples:
  assay build . --artifact project.tar.gz
  assay build git+https://example.org/project.git --rev v1.2 --artifact project-1.2.tar.gz --json
  assay build . --env small --run "tcc -o hello hello.c" --out hello --artifact hello
  assay build . --env gcc --run "make" --out src/program --set CFLAGS=-O1 --ticks 20000`,
    )
    .action(run);
}

async function run(location: string, options: Options): Promise<void> {
  const output = createOutput(options.json);
  const progress = output.progress("build");
  const shown = new GuestConsole(progress, options.console);
  if (options.artifact !== undefined) await checkOutputFile(options.artifact);
  const local = await startLocalRun(await buildRequestOf(location, options), (identified) => shown.follow(identified));
  try {
    const facts = { ...(await build(local, options, progress)), console: shown.file, consoleMissing: shown.missing };
    output.data(facts, () => rowsOf(facts));
    if (facts.exitCode !== 0) process.exitCode = exitStatus.buildFailed;
  } finally {
    progress.end();
    shown.close();
    await local.session.close();
  }
}

type Facts = Awaited<ReturnType<typeof build>> & {
  readonly console: string | undefined;
  /** What was printed and is not in the log; undefined when all of it is. */
  readonly consoleMissing: Missing | undefined;
};

function rowsOf(facts: Facts): string[] {
  const { name, entries, driveSize } = facts.source;
  return table([
    ["build", facts.buildId],
    ["source", `${name}, ${entries} files, ${driveSize} bytes`],
    ["environment", `${facts.environment.name} ${facts.environment.id}`],
    ["exit code", `${facts.exitCode} (${facts.meaning})`],
    ["artifact sha256", facts.artifactSha256],
    ["artifact size", `${facts.artifactSize} bytes`],
    ["final root", facts.finalRoot],
    ["ticks", String(facts.ticks)],
    ["time", `${facts.seconds.toFixed(2)} s`],
    ...(facts.artifact === undefined ? [] : [["written to", facts.artifact] as const]),
    ...(facts.console === undefined ? [] : [["console log", facts.console] as const]),
    ...(facts.consoleMissing === undefined ? [] : [["not in the log", inWords(facts.consoleMissing)] as const]),
  ]);
}

async function build({ session, build: identified }: LocalRun, options: Options, progress: Progress) {
  const started = performance.now();
  const { buildId, environment, drive, description } = identified;
  const startRoot = await session.startRoot();
  if (startRoot !== buildId) throw otherStart(identified, startRoot);
  const log2CheckpointTicks = log2Arity * environment.checkpointLevels(drive.length);
  const done = await session.run({ log2Arity, checkpointSeconds: 2, log2CheckpointTicks }, ({ ticks, seconds }) =>
    progress.update(`${ticks} ticks, ${seconds.toFixed(0)} s`),
  );
  progress.end();
  const record = readResultRecord(await session.readFinalMemory(0, resultRecordSize));
  const file = record.exitCode === 0 ? options.artifact : undefined;
  if (file !== undefined) await writeArtifact(file, record, { session, build: identified });
  return {
    buildId,
    source: description,
    environment: { name: environment.name, id: environment.id },
    ...record,
    meaning: environment.describeExit(record.exitCode),
    finalRoot: done.finalRoot,
    ticks: done.ticks,
    seconds: (performance.now() - started) / 1000,
    artifact: file,
  };
}

/** Writes the artifact, after a look whether it is what the program says of it. */
async function writeArtifact(
  file: string,
  record: ResultRecord,
  { session, build }: Pick<LocalRun, "session" | "build">,
): Promise<void> {
  const bytes = await session.readFinalMemory(build.environment.artifactAddress, Number(record.artifactSize));
  const given = toHex(createHash("sha256").update(bytes).digest());
  if (given !== record.artifactSha256) {
    throw new AssayError<CliErrorCode>(
      "cli/mismatch",
      `the program says that its artifact has sha256 ${record.artifactSha256}, it has ${given}: do not use this program`,
      { expected: record.artifactSha256, given },
    );
  }
  await writeOutputFile(file, bytes);
}

function otherStart({ buildId, environment }: IdentifiedBuild, given: string) {
  return new AssayError<CliErrorCode>(
    "cli/mismatch",
    `the machine starts in ${given}, the environment ${environment.name} says ${buildId}: its program or images are others`,
    { expected: buildId, given },
  );
}

function inWords({ lost, cut }: Missing): string {
  return [
    ...(cut > 0 ? [`the last ${cut} bytes that were printed: the log is full`] : []),
    ...(lost > 0 ? [`${lost} bytes that were overwritten before they could be read: zeros in it`] : []),
  ].join("; ");
}

/** Shows what a guest prints, and keeps it in a file named after the build. */
class GuestConsole {
  #log: ConsoleLog | undefined;
  #written = 0;
  readonly #text = new ConsoleText();

  constructor(
    private readonly progress: Progress,
    private readonly shows: boolean,
  ) {}

  /** The log, once something was printed. */
  get file(): string | undefined {
    return this.#written === 0 ? undefined : this.#log?.file;
  }

  get missing(): Missing | undefined {
    const missing = this.#log?.missing;
    return missing === undefined || missing.lost + missing.cut === 0 ? undefined : missing;
  }

  follow({ buildId, environment }: IdentifiedBuild): Partial<WorkerSessionOptions> {
    if (environment.console === undefined) return {};
    this.#log = new ConsoleLog(join(cacheFolder(), "logs", `${buildId}.log`));
    return { console: { ring: environment.console, onOutput: (content) => this.#take(content) } };
  }

  close(): void {
    process.stderr.write(this.#text.end());
    this.#log?.close();
  }

  #take(content: RingContent): void {
    this.#log?.write(content);
    const lost = content.from - this.#written;
    this.#written = content.from + content.bytes.length;
    if (!this.shows) return;
    this.progress.end();
    if (lost > 0) process.stderr.write(`${this.#text.end()}\n[${lost} bytes of the console were not shown]\n`);
    process.stderr.write(this.#text.take(content.bytes));
  }
}
