import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConsoleLog } from "../../src/agents/consoleLog.ts";
import { filesInTar } from "../../src/build/node/filesInTar.ts";
import { finishLocalRun } from "../../src/build/node/finishedLocalRun.ts";
import { startLocalRun } from "../../src/build/node/localRun.ts";
import { address } from "../../src/emulator/addresses.ts";
import { hasArtifact } from "../../src/programs/program.ts";
import { testOutcomeOf } from "../../src/tasks/results/testOutcome.ts";
import { emulates, printsTheSame } from "./comparison.ts";
import { dependenciesOf } from "./dependencies.ts";
import type { Measured, Project } from "./projects.ts";
import { unpackPublished } from "./published.ts";

/** A run of a project. */
export interface ProjectRun extends Omit<Measured, "environment"> {
  readonly seconds: number;
  /** The file with what it has printed. */
  readonly log: string;
}

/**
 * Builds and tests a project in its environment, which is in the cache.
 * @param logs the folder that gets its log.
 * @param compare runs the program also outside of the guest, where this host can and the project says how.
 */
export async function runProject(project: Project, logs: string, compare = false): Promise<ProjectRun> {
  const { name, environment, command, outputs, reports, tickLimit, compared } = project;
  const folder = await mkdtemp(join(tmpdir(), "assay-project-"));
  await mkdir(logs, { recursive: true });
  const console = new ConsoleLog(join(logs, `${name}.log`));
  try {
    const source = await unpack(project, folder);
    const dependencies = await dependenciesOf(project, source, join(folder, "modules"));
    const limit = tickLimit === undefined ? {} : { tickLimit: BigInt(tickLimit) };
    const request = { source, environment, dependencies, command: { command, outputs, reports, ...limit } };
    const { session, build } = await startLocalRun(request, ({ environment: { console: ring } }) => ({
      ...(ring !== undefined && { console: { ring, onOutput: console.write } }),
    }));
    try {
      const { record, outputs: left, seconds, readArtifact } = await finishLocalRun({ session, build }, () => {});
      const retired = await session.readFinalMemory(address.retired, 8);
      const instructions = Number(new DataView(retired.buffer, retired.byteOffset).getBigUint64(0, true));
      const found = await filesInTar(left?.reports);
      const tests = found.length === 0 ? undefined : testOutcomeOf(record.exitCode, undefined, found).counts;
      const artifactSha256 = hasArtifact(record) ? record.artifactSha256 : undefined;
      const run = { exitCode: record.exitCode, tests, instructions, artifactSha256, seconds, log: console.file };
      if (!compare || compared === undefined || artifactSha256 === undefined || !(await emulates())) return run;
      const built = { environment, artifact: await readArtifact(), source, work: folder };
      return { ...run, printsTheSame: await printsTheSame(compared, built) };
    } finally {
      await session.close();
    }
  } finally {
    console.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The source's folder, as its archive has it and with what the project adds. */
async function unpack(project: Project, folder: string): Promise<string> {
  const source = join(folder, "source");
  await unpackPublished(project, source);
  for (const [path, lines] of Object.entries(project.files))
    await writeFile(join(source, path), lines.map((line) => `${line}\n`).join(""));
  return source;
}
