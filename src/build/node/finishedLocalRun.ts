import { createHash } from "node:crypto";
import { executionKey } from "../../attestation/execution.ts";
import type { Signer } from "../../attestation/keys.ts";
import { type Root, toHex } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import type { LeftOutputs } from "../../environment/outputs.ts";
import type { ResultRecord } from "../../programs/program.ts";
import { resultRecordSize } from "../../programs/program.ts";
import { readResultRecord } from "../../programs/resultRecord.ts";
import type { LocalRun } from "./localRun.ts";

/** As the deployments' parameters have it; nothing here depends on it but where the run stops to hash. */
const log2Arity = 4;

/** States of a run on its way: what tells two runs of one build apart. */
export interface RunCheckpoints {
  readonly log2CheckpointTicks: number;
  /** Roots after 1, 2, ... times 2^log2CheckpointTicks ticks; without the first and the last state. */
  readonly roots: readonly Root[];
}

/** What a run in this process has come to. */
export interface FinishedLocalRun {
  readonly record: ResultRecord;
  readonly finalRoot: Root;
  readonly ticks: number;
  readonly checkpoints: RunCheckpoints;
  /** What it left besides the artifact; undefined where its environment keeps no record of that, or the build has left none. */
  readonly outputs: LeftOutputs | undefined;
  /** From when the machine was there. */
  readonly seconds: number;
  /**
   * The artifact of a build that has left one.
   * @throws AssayError `environment/other-artifact` when it is not what the program says of it.
   */
  readArtifact(): Promise<Uint8Array>;
  /** The key that every run of this build gives, and nothing else does: with it a builder shows that it has run it. */
  executionKey(): Promise<Signer>;
}

/**
 * Runs a build to its end. The session stays open: the artifact is read from it.
 * @param signal ends the run, and the session with it; its reason is thrown.
 * @throws AssayError `environment/other-start` when the machine does not start in the state that the build id is the root of.
 */
export async function finishLocalRun(
  { session, build }: Pick<LocalRun, "session" | "build">,
  onProgress: (progress: { readonly ticks: number; readonly seconds: number }) => void,
  signal?: AbortSignal,
): Promise<FinishedLocalRun> {
  signal?.throwIfAborted();
  const abort = () => session.abort();
  signal?.addEventListener("abort", abort);
  try {
    return await finish({ session, build }, onProgress);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

async function finish(
  { session, build }: Pick<LocalRun, "session" | "build">,
  onProgress: (progress: { readonly ticks: number; readonly seconds: number }) => void,
): Promise<FinishedLocalRun> {
  const started = performance.now();
  const { buildId, environment, drive } = build;
  const startRoot = await session.startRoot();
  if (startRoot !== buildId) {
    const message = `the machine starts in ${startRoot}, the environment ${environment.name} says ${buildId}: its program or images are others`;
    throw new AssayError("environment/other-start", message, { expected: buildId, given: startRoot });
  }
  const log2CheckpointTicks = log2Arity * environment.checkpointLevels(drive.length);
  const run = await session.run({ log2Arity, checkpointSeconds: 2, log2CheckpointTicks }, onProgress);
  const { finalRoot, ticks } = run;
  const read = async (address: number, length: number) => await session.readFinalMemory(address, length);
  const record = readResultRecord(await read(0, resultRecordSize));
  return {
    record,
    outputs: await environment.readOutputs?.(record, read),
    finalRoot,
    ticks,
    checkpoints: { log2CheckpointTicks: run.log2CheckpointTicks, roots: run.checkpoints },
    seconds: (performance.now() - started) / 1000,
    executionKey: async () => executionKey({ buildId, finalRoot }, await session.executionSecret()),
    async readArtifact() {
      const bytes = await read(environment.artifactAddress, Number(record.artifactSize));
      const given = toHex(createHash("sha256").update(bytes).digest());
      if (given === record.artifactSha256) return bytes;
      const message = `the program says that its artifact has sha256 ${record.artifactSha256}, it has ${given}: do not use this program`;
      throw new AssayError("environment/other-artifact", message, { expected: record.artifactSha256, given });
    },
  };
}
