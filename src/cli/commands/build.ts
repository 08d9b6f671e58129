import { createHash } from "node:crypto";
import type { Command } from "commander";
import { toHex } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import type { ResultRecord } from "../../programs/program.ts";
import { resultRecordSize } from "../../programs/program.ts";
import { describeExitCode } from "../../programs/releaseTarball/manifest.ts";
import { readResultRecord } from "../../programs/resultRecord.ts";
import { writeFileAtomically } from "../../store/node/atomicFile.ts";
import type { CliErrorCode } from "../errors.ts";
import { exitStatus } from "../exitStatus.ts";
import { type LocalRun, startLocalRun } from "../localRun.ts";
import { createOutput, type Output, table } from "../output.ts";

interface Options {
  readonly rev?: string;
  readonly program: string;
  readonly out?: string;
  readonly json: boolean;
}

export function addBuild(program: Command): void {
  program
    .command("build")
    .argument("<source>", "directory, git repository, or git+https/ssh/file URL")
    .description("run a build here, write its artifact, print its build id and hash; needs no chain")
    .option("--rev <revision>", "commit, tag or branch of a repository (default: HEAD)")
    .option("--program <name>", "program of the build", "releaseTarball")
    .option("--out <file>", "write the artifact to this file")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Exit status: 0 built; 8 the program refused its input.

Examples:
  assay build . --out project.tar.gz
  assay build git+https://example.org/project.git --rev v1.2 --out project-1.2.tar.gz --json`,
    )
    .action(run);
}

async function run(location: string, options: Options): Promise<void> {
  const output = createOutput(options.json);
  const local = await startLocalRun(location, options.rev, options.program);
  try {
    const facts = await build(local, options, output);
    output.data(facts, () =>
      table([
        ["build", facts.buildId],
        ["source", `${facts.source.name}, ${facts.source.entries} files, ${facts.source.driveSize} bytes`],
        ["program", `${facts.exitCode} (${describeExitCode(facts.exitCode)})`],
        ["artifact sha256", facts.artifactSha256],
        ["artifact size", `${facts.artifactSize} bytes`],
        ["final root", facts.finalRoot],
        ["ticks", String(facts.ticks)],
        ["time", `${facts.seconds.toFixed(2)} s`],
        ...(facts.artifact === undefined ? [] : [["written to", facts.artifact] as const]),
      ]),
    );
    if (facts.exitCode !== 0) process.exitCode = exitStatus.buildFailed;
  } finally {
    await local.session.close();
  }
}

async function build({ session, source }: LocalRun, options: Options, output: Output) {
  const started = performance.now();
  const progress = output.progress("build");
  const done = await session.run({ log2Arity: 4, checkpointSeconds: 2 }, ({ ticks, seconds }) =>
    progress.update(`${ticks} ticks, ${seconds.toFixed(0)} s`),
  );
  progress.end();
  const record = readResultRecord(await session.readFinalMemory(0, resultRecordSize));
  if (record.exitCode === 0 && options.out !== undefined) await writeArtifact(options.out, record, { session, source });
  return {
    buildId: source.buildId,
    source: source.description,
    program: { name: source.program.name, sha256: source.program.sha256 },
    ...record,
    finalRoot: done.finalRoot,
    ticks: done.ticks,
    seconds: (performance.now() - started) / 1000,
    artifact: record.exitCode === 0 ? options.out : undefined,
  };
}

/** Writes the artifact, after a look whether it is what the program says of it. */
async function writeArtifact(
  file: string,
  record: ResultRecord,
  { session, source }: Pick<LocalRun, "session" | "source">,
): Promise<void> {
  const bytes = await session.readFinalMemory(source.program.outputDrive.address, Number(record.artifactSize));
  const given = toHex(createHash("sha256").update(bytes).digest());
  if (given !== record.artifactSha256) {
    throw new AssayError<CliErrorCode>(
      "cli/mismatch",
      `the program says that its artifact has sha256 ${record.artifactSha256}, it has ${given}: do not use this program`,
      { expected: record.artifactSha256, given },
    );
  }
  await writeFileAtomically(file, bytes);
}
