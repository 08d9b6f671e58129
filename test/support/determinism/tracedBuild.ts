/** Runs the nosy build from a directory in one process and says everything about the run in which two could differ. */
import { address } from "../../../src/emulator/addresses.ts";
import { encodeInput } from "../../../src/guest/inputDrive.ts";
import { artifactOffset } from "../../../src/guest/layout.ts";
import { inputDriveOf, layoutOf, startDrives } from "../../../src/guest/startMemory.ts";
import { loadClaimable } from "../../../src/machine/claimable.ts";
import { nativeProgramOf } from "../../../src/machine/native/nativeProgram.ts";
import { SnapshotDirectory } from "../../../src/machine/native/node/snapshotDirectory.ts";
import { WorkerSession } from "../../../src/machine/native/node/workerSession.ts";
import { MachineSession } from "../../../src/machine/native/session.ts";
import { type SessionClient, sessionInThread } from "../../../src/machine/native/sessionClient.ts";
import { SharedPrefix } from "../../../src/machine/native/sharedPrefix.ts";
import { MemorySnapshotStorage } from "../../../src/machine/native/snapshotStorage.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { readResultRecord } from "../../../src/programs/resultRecord.ts";
import { readSource } from "../../../src/source/node/readSource.ts";
import { consoleOf, loadEnvironment } from "../guestRun.ts";
import { Random } from "../random.ts";
import { seed } from "../seed.ts";
import { sha256Of } from "../toyEnvironment.ts";
import { nosyDescription } from "./nosyBuild.ts";

/** How a build is run; nothing of it may show in what comes out. */
export interface RunPlan {
  /** The source's directory. */
  readonly source: string;
  /** Checkpoints at multiples of 2^log2CheckpointTicks ticks; undefined: as the clock suggests. */
  readonly log2CheckpointTicks?: number;
  readonly checkpointSeconds?: number;
  readonly log2Arity?: number;
  readonly chainBytes?: number;
  readonly sideBytes?: number;
  /** Snapshots are kept there, and a run that was interrupted is taken up. */
  readonly snapshots?: string;
  /** Where runs of the environment share the state that they have booted to. */
  readonly boots?: string;
  /** The process kills itself after so many ticks. */
  readonly killAfter?: number;
  /** Asks for ticks' roots in an order of its own, so that the run goes back and forth. */
  readonly shuffled?: boolean;
}

/** Everything that has to be the same in every run of a build. */
export interface BuildTrace {
  readonly buildId: string;
  /** State roots after 0, 1, 2, ... ticks, the last one the final root. */
  readonly roots: readonly string[];
  readonly exitCode: number;
  readonly artifactSha256: string;
  readonly console: string;
}

export interface TracedRun {
  readonly trace: BuildTrace;
  /** Ticks that the session began at; those before were run afterwards. */
  readonly begunAt: number;
}

const mebibyte = 2 ** 20;

/** Runs the build in this thread. */
export async function traceBuild(plan: RunPlan): Promise<TracedRun> {
  const { program, drives, prefixPlace } = await startOf(plan);
  const kernel = await loadKeccakKernel();
  const shared = plan.boots === undefined ? undefined : new SnapshotDirectory(plan.boots, "shared");
  let ticked = 0;
  let begunAt: number | undefined;
  const session = new MachineSession({
    program,
    drives,
    kernel,
    storage: plan.snapshots === undefined ? new MemorySnapshotStorage() : new SnapshotDirectory(plan.snapshots),
    prefix: shared && new SharedPrefix(kernel, shared, prefixPlace),
    chainBytes: plan.chainBytes ?? 1024 * mebibyte,
    sideBytes: plan.sideBytes ?? 64 * mebibyte,
    beat: () => {
      if (++ticked === plan.killAfter) process.kill(process.pid, "SIGKILL");
    },
    observe: (memory) => {
      // The emulator counts the ticks that have begun; the first one of this session is over.
      if (ticked > 0) begunAt ??= readCount(memory, address.ticks) - 1;
    },
    report: needsNoRepair,
  });
  const trace = await traceSession(sessionInThread(session), plan);
  return { trace, begunAt: begunAt! };
}

/** Runs the build several times at once, each in a thread of its own, the first beginning last. */
export async function traceTogether(plan: RunPlan, count: number): Promise<BuildTrace[]> {
  const { prefixPlace, ...start } = await startOf(plan);
  const traces: Promise<BuildTrace>[] = [];
  for (let i = 0; i < count; i++) {
    const own = { ...plan, log2CheckpointTicks: 2 * i };
    const prefix = plan.boots === undefined ? undefined : { ...prefixPlace, directory: plan.boots };
    const session = await WorkerSession.start({ ...start, prefix, report: needsNoRepair });
    traces.push(traceSession(session, own).finally(() => session.close()));
  }
  return await Promise.all(traces);
}

function needsNoRepair(complaint: string): never {
  throw new Error(`nothing needs repair here: ${complaint}`);
}

async function startOf({ source: location }: RunPlan) {
  const { settings, images, binary } = loadEnvironment("small");
  const drive = inputDriveOf(settings);
  const source = await readSource(location, {
    capacity: 2 ** drive.log2Size,
    encode: (tree, capacity) => encodeInput(nosyDescription, tree, capacity),
    environment: { SOURCE_DATE_EPOCH: String(nosyDescription.sourceDateEpoch) },
  });
  return {
    program: nativeProgramOf(loadClaimable(binary)),
    drives: [...startDrives(settings, images), { ...drive, bytes: source.drive }],
    prefixPlace: { drive, seenAddress: address.inputSeen },
  };
}

/**
 * Runs to the end and takes the root after each tick. What the run itself says of its checkpoints is compared with these on
 * the way.
 */
async function traceSession(session: SessionClient, plan: RunPlan): Promise<BuildTrace> {
  const { ticks, checkpoints, finalRoot, log2CheckpointTicks } = await session.run({
    log2Arity: plan.log2Arity ?? 1,
    checkpointSeconds: plan.checkpointSeconds ?? 0,
    ...(plan.log2CheckpointTicks === undefined ? {} : { log2CheckpointTicks: plan.log2CheckpointTicks }),
  });
  if (plan.shuffled === true) await visitShuffled(session, ticks);
  await session.rerunPrefix();
  const roots = await session.tickRoots(Array.from({ length: ticks + 1 }, (_, tick) => tick));
  for (const [i, root] of checkpoints.entries()) {
    const expected = roots[Math.min((i + 1) * 2 ** log2CheckpointTicks, ticks)];
    if (root !== expected) throw new Error(`checkpoint ${i + 1} is ${root}, its tick's root ${expected}`);
  }
  if (roots[ticks] !== finalRoot) throw new Error(`the final root is ${finalRoot}, its tick's ${roots[ticks]}`);
  return { buildId: await session.startRoot(), roots, ...(await resultOf(session)) };
}

async function resultOf(session: SessionClient): Promise<Omit<BuildTrace, "buildId" | "roots">> {
  const memory = await session.readFinalMemory(0, address.console + address.consoleSize);
  const { exitCode, artifactSize, artifactSha256 } = readResultRecord(memory);
  const artifactAt = layoutOf(loadEnvironment("small").settings).output.address + artifactOffset;
  const artifact = await session.readFinalMemory(artifactAt, Number(artifactSize));
  const given = sha256Of(artifact);
  if (given !== artifactSha256) throw new Error(`the artifact's hash is ${given}, not ${artifactSha256}`);
  return { exitCode, artifactSha256, console: consoleOf(memory, readCount(memory, address.consoleCount)) };
}

function readCount(memory: Uint8Array, at: number): number {
  return Number(new DataView(memory.buffer, memory.byteOffset).getBigUint64(at, true));
}

/** Goes to some twenty ticks in an order that no run has. */
async function visitShuffled(session: SessionClient, ticks: number): Promise<void> {
  const random = new Random(seed);
  for (let i = 0; i < 20; i++) await session.tickRoots([random.below(ticks + 1)]);
}
