import { rm } from "node:fs/promises";
import { join } from "node:path";
import { buildIdOf, type Environment, environmentOf } from "../client/environment.ts";
import type { Hex, Root } from "../core/bytes.ts";
import { AssayError, isAssayError } from "../core/errors.ts";
import { loadClaimable } from "../machine/claimable.ts";
import { type Fault, faultName, type Mutation, wrongResult } from "../machine/native/fault.ts";
import { type NativeProgram, nativeProgramOf } from "../machine/native/nativeProgram.ts";
import { WorkerSession } from "../machine/native/node/workerSession.ts";
import type { CompletedRun, Progress } from "../machine/native/session.ts";
import { Register } from "../machine/registers.ts";
import type { KeccakKernel } from "../merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../merkle/node/keccakKernelNode.ts";
import { readProgram } from "../programs/node/readProgram.ts";
import type { Program } from "../programs/program.ts";
import type { Trace } from "../protocol/trace.ts";
import { contentIdOf } from "../store/contentId.ts";
import type { AgentLimits } from "./agent.ts";
import type { FinishedBuild, Runner } from "./builds.ts";
import type { AgentErrorCode } from "./errors.ts";
import { faultyTrace, type InjectedFault } from "./fault.ts";
import type { Log } from "./log.ts";
import { SessionPool } from "./sessionPool.ts";

/** A program that is ready to run. */
interface LoadedProgram {
  readonly program: Program;
  readonly native: NativeProgram;
  readonly environment: Environment;
}

export interface MachineRunnerOptions {
  /** The operator's allow-list. */
  readonly programs: readonly Program[];
  /** Of the deployment: checkpoints are nodes of the bisection. */
  readonly log2Arity: number;
  readonly limits: AgentLimits;
  /** Snapshots are kept here, one folder for each build. */
  readonly stateFolder: string;
  readonly log: Log;
  readonly faults?: readonly InjectedFault[];
  readonly onProgress?: (buildId: Root, progress: Progress) => void;
  /** Reads a program's binary; replaced in tests. */
  readonly read?: (program: Program) => Promise<Uint8Array>;
}

/** Inputs above this size are many ticks of work: they get fewer checkpoints, each of which costs a look through memory. */
const largeInputBytes = 4 * 2 ** 20;
/** Most checkpoints that are published: 2^12 of 32 bytes. */
const log2MostCheckpoints = 12;
/** Ticks that are interpreted and compared before anything is claimed. */
const spotChecks = 3;

/** Runs builds in the machine, each in a worker thread of its own. */
export async function createMachineRunner(options: MachineRunnerOptions): Promise<Runner> {
  const kernel = await loadKeccakKernel();
  const read = options.read ?? readProgram;
  const loaded = new Map<Hex, Promise<LoadedProgram>>();
  const allowed = new Map(options.programs.map((program) => [program.sha256, program]));

  async function load(program: Program): Promise<LoadedProgram> {
    const claimable = loadClaimable(await read(program));
    return { program, native: nativeProgramOf(claimable), environment: environmentOf(program, claimable, kernel) };
  }

  const pool = new SessionPool<WorkerSession>(options.limits.openBuilds);
  return {
    allows: (sha256) => allowed.has(sha256),
    async run(buildId, sha256, input, signal) {
      const program = allowed.get(sha256)!;
      const ready = loaded.get(sha256) ?? load(program);
      loaded.set(sha256, ready);
      return await runBuild(await ready, buildId, input, signal, kernel, pool, options);
    },
    close: async () => await pool.closeAll(),
  };
}

async function runBuild(
  { program, native, environment }: LoadedProgram,
  buildId: Root,
  input: Uint8Array,
  signal: AbortSignal,
  kernel: KeccakKernel,
  pool: SessionPool<WorkerSession>,
  options: MachineRunnerOptions,
): Promise<FinishedBuild> {
  const given = buildIdOf(environment, input, kernel);
  if (given !== buildId) {
    throw new AssayError<AgentErrorCode>(
      "agents/input-mismatch",
      `program and input are those of build ${given}, not of ${buildId}`,
      { expected: buildId, given },
    );
  }
  const faults = options.faults ?? [];
  const fault = machineFault(faults, program, input);
  const name = fault === undefined ? buildId : `${buildId}-${faultName(fault)}`;
  const snapshotDirectory = join(options.stateFolder, "builds", name);
  const open = async () =>
    await WorkerSession.start({
      program: native,
      drives: [{ ...program.inputDrive, bytes: input }],
      snapshotDirectory,
      ...(fault !== undefined && { fault }),
      report: (complaint) => options.log.warn({ build: buildId, complaint }, "snapshots"),
    });
  const use = async <T>(act: (session: WorkerSession) => Promise<T>) => await pool.use(name, open, act);

  const started = performance.now();
  const { run, tickSeconds, proofs } = await use(async (session) => {
    const run = await runToEnd(session, buildId, checkpointLevels(input.length), signal, options);
    const tickSeconds = await check(session, run, program, fault === undefined);
    return { run, tickSeconds, proofs: await session.resultProofs() };
  });
  const trace: Trace = {
    tickRoots: async (ticks) => await use(async (session) => await session.tickRoots(ticks)),
    openTick: async (tick) => await use(async (session) => await session.openTick(tick)),
    stepRoots: async (tick, steps) => await use(async (session) => await session.stepRoots(tick, steps)),
    stepWitness: async (tick, step) => await use(async (session) => await session.stepWitness(tick, step)),
  };
  return {
    buildId,
    trace: faultyTrace(trace, faults),
    finalRoot: run.finalRoot,
    ticks: run.ticks,
    log2Ticks: run.log2Ticks,
    ...thinned(run, options.log2Arity),
    startProof: proofs.start,
    endProof: proofs.final,
    tickSeconds,
    maxLog2Steps: program.maxLog2StepsPerTick,
    runSeconds: (performance.now() - started) / 1000,
    program: { name: program.name, sha256: program.sha256 },
    input: { id: contentIdOf(input), size: input.length },
    async discard() {
      await pool.close(name);
      await rm(snapshotDirectory, { recursive: true, force: true });
    },
  };
}

/**
 * Distance of the checkpoints, in levels of the bisection. It must not depend on how fast this machine is: after a crash
 * the same build has to give the same claim.
 */
function checkpointLevels(inputBytes: number): number {
  return inputBytes > largeInputBytes ? 2 : 1;
}

/** Runs, within the operator's limits. */
async function runToEnd(
  session: WorkerSession,
  buildId: Root,
  levels: number,
  signal: AbortSignal,
  { log2Arity, limits, onProgress }: MachineRunnerOptions,
): Promise<CompletedRun> {
  let exceeded: string | undefined;
  const stop = () => session.abort();
  const stopFor = (why: string) => {
    exceeded ??= why;
    session.abort();
  };
  const timer = setTimeout(() => stopFor(`more than ${limits.maxBuildSeconds} seconds`), limits.maxBuildSeconds * 1000);
  signal.addEventListener("abort", stop);
  try {
    const run = await session.run(
      { log2Arity, checkpointSeconds: 2, log2CheckpointTicks: levels * log2Arity },
      (progress) => {
        onProgress?.(buildId, progress);
        if (progress.ticks > limits.maxTicks) stopFor(`more than ${limits.maxTicks} ticks`);
      },
    );
    if (run.ticks > limits.maxTicks) exceeded ??= `more than ${limits.maxTicks} ticks`;
    if (exceeded !== undefined) throw tooLong(buildId, exceeded);
    return run;
  } catch (error) {
    if (exceeded !== undefined && isAssayError(error, "native/aborted")) throw tooLong(buildId, exceeded);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Interprets a few ticks and compares them with the engine's; measures how long the longest tick that the program can have
 * would take. A run with a fault does not agree with anything, so that only the time is measured.
 */
async function check(session: WorkerSession, run: CompletedRun, program: Program, honest: boolean): Promise<number> {
  const random = () => Math.floor(Math.random() * run.ticks);
  if (honest) await session.spotCheck([...new Set(Array.from({ length: spotChecks }, random))]);
  const started = performance.now();
  const { steps } = await session.openTick(Math.floor(run.ticks / 2));
  const seconds = (performance.now() - started) / 1000;
  return (seconds / Math.max(1, steps)) * 2 ** program.maxLog2StepsPerTick;
}

/** Fewer checkpoints where a run has very many; the distance stays a multiple of the arity's logarithm. */
function thinned(run: CompletedRun, log2Arity: number): { log2CheckpointTicks: number; checkpoints: readonly Root[] } {
  let { log2CheckpointTicks, checkpoints } = run;
  while (run.log2Ticks - log2CheckpointTicks > log2MostCheckpoints) {
    log2CheckpointTicks += log2Arity;
    checkpoints = checkpoints.filter((_, i) => (i + 1) % 2 ** log2Arity === 0);
  }
  return { log2CheckpointTicks, checkpoints };
}

/** The machine's part of the faults that are injected; one change of state at most. */
export function machineFault(faults: readonly InjectedFault[], program: Program, input: Uint8Array): Fault | undefined {
  for (const fault of faults) {
    if (fault.kind === "record") return wrongResult;
    if (!("step" in fault)) continue;
    const { kind, index, tick, step } = fault;
    return { at: { tick, step }, mutation: mutationOf(kind, index, program, input) };
  }
  return undefined;
}

function mutationOf(
  kind: Mutation["kind"],
  index: number | undefined,
  { inputDrive }: Program,
  input: Uint8Array,
): Mutation {
  switch (kind) {
    case "memory":
      // A byte in the middle of the source: the artifact holds something that the source does not.
      return { kind, address: index ?? inputDrive.address + Math.floor(input.length / 2), xor: 1 };
    case "register":
      return { kind, word: index ?? Register.memoryPages, xor: 1 };
    case "stack":
      // The frame record through which `tick` returns.
      return { kind, slot: index ?? 1, xor: 1 };
    case "global":
      return { kind, index: index ?? 1, xor: 1 };
  }
}

function tooLong(buildId: Root, why: string): AssayError<AgentErrorCode> {
  return new AssayError<AgentErrorCode>("agents/too-long", `build ${buildId} takes ${why}, which is the limit`, {
    buildId,
  });
}
