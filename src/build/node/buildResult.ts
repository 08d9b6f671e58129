import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import type { BuildResult } from "../../attestation/buildResult.ts";
import { concatBytes, fromHex } from "../../core/bytes.ts";
import type { BuildCommand } from "../../environment/runnable.ts";
import { hasArtifact } from "../../programs/program.ts";
import type { Source, SourceDescription } from "../../source/source.ts";
import type { FinishedLocalRun, RunCheckpoints } from "./finishedLocalRun.ts";
import type { BuildRequest, IdentifiedBuild } from "./identifyBuild.ts";

/** A run and what it was of. */
export interface RunOfBuild {
  readonly request: BuildRequest;
  readonly build: IdentifiedBuild;
  readonly finished: FinishedLocalRun;
  /** The file with all that it has printed; undefined if there is none, or it is not complete. */
  readonly log: string | undefined;
}

/**
 * What is signed and published of a run.
 * @param uri where others find the source, if it is not where this machine has read it.
 */
export async function buildResultOf({ request, build, finished, log }: RunOfBuild, uri?: string): Promise<BuildResult> {
  const { environment, buildId, description } = build;
  const { record, finalRoot, ticks, seconds, checkpoints } = finished;
  const { command } = request;
  const now = Date.now() / 1000;
  return {
    buildId,
    environment: { name: environment.name, id: environment.id },
    source: {
      uri: uri ?? uriOf(description),
      ...(description.kind === "git" && { revision: description.revision }),
      ...(description.kind === "git" && description.gitFolder !== undefined && { gitFolder: true }),
      digest: digestOf(build),
    },
    ...(command !== undefined && {
      command: {
        run: command.command,
        outputs: command.outputs,
        ...(command.reports !== undefined && { reports: command.reports }),
        ...(command.user !== undefined && { user: command.user }),
        variables: command.variables ?? {},
        ...(command.tickLimit !== undefined && { tickLimit: String(command.tickLimit) }),
      },
    }),
    input: { sha256: createHash("sha256").update(build.drive).digest("hex"), size: build.drive.length },
    ...(build.dependencies && {
      dependencies: { sha256: build.dependencies.image.sha256, size: build.dependencies.image.size },
    }),
    exitCode: record.exitCode,
    finalRoot,
    ticks,
    ...(hasArtifact(record) && {
      artifact: {
        name: command === undefined ? `${description.name}.tar.gz` : nameOf(command, finished),
        sha256: record.artifactSha256.slice(2),
        size: Number(record.artifactSize),
      },
    }),
    ...(checkpoints.roots.length > 0 && {
      checkpoints: {
        sha256: createHash("sha256").update(bytesOfCheckpoints(checkpoints)).digest("hex"),
        size: 32 * checkpoints.roots.length,
        log2Ticks: checkpoints.log2CheckpointTicks,
      },
    }),
    ...(log !== undefined && { log: { sha256: await sha256OfFile(log), size: (await stat(log)).size } }),
    startedAt: now - seconds,
    finishedAt: now,
  };
}

/** Name of the artifact: that of the one output, or of the archive of several. */
function nameOf({ outputs }: BuildCommand, { outputs: left }: FinishedLocalRun): string {
  const name = outputs.length === 1 ? basename(outputs[0]!) : "outputs";
  return left?.artifact?.kind === "archive" ? `${name}.tar` : name;
}

/** The roots one after the other, as solvers publish them too. */
export function bytesOfCheckpoints({ roots }: RunCheckpoints): Uint8Array {
  return concatBytes(...roots.map((root) => fromHex(root, 32)));
}

/** The address of a source as others can use it; of a path of this machine only its last component. */
function uriOf({ kind, location, name }: SourceDescription): string {
  return /^(?:[a-z+]+:\/\/|rad:)/.test(location) ? location : `${kind}:${basename(location) || name}`;
}

function digestOf({ description, drive }: Source): BuildResult["source"]["digest"] {
  if (description.kind === "git") return { gitCommit: description.commit };
  return { sha256: createHash("sha256").update(drive).digest("hex") };
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
