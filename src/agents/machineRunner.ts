import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Root } from "../core/bytes.ts";
import { AssayError, isAssayError } from "../core/errors.ts";
import { buildIdOf, type Environment } from "../environment/environment.ts";
import { inputImages, type RunnableEnvironment } from "../environment/runnable.ts";
import { type Fault, faultName } from "../machine/native/fault.ts";
import { type NativeProgram, nativeProgramOf } from "../machine/native/nativeProgram.ts";
import { MachineThreads } from "../machine/native/node/machineThreads.ts";
import { sharedDrives } from "../machine/native/node/sharedDrives.ts";
import { WorkerSession } from "../machine/native/node/workerSession.ts";
import type { CompletedRun, Progress } from "../machine/native/session.ts";
import type { DriveImage } from "../machine/program.ts";
import type { Hasher } from "../merkle/hasher.ts";
import { loadKeccakKernel } from "../merkle/node/keccakKernelNode.ts";
import { contentIdOf } from "../store/contentId.ts";
import { traceOf } from "../trace/machineTrace.ts";
import { outcomeOf } from "../trace/outcome.ts";
import type { AgentLimits } from "./agent.ts";
import type { TickMeasure } from "./answeringTime.ts";
import type { FinishedBuild, Runner } from "./builds.ts";
import { ConsoleLog } from "./consoleLog.ts";
import type { AgentErrorCode } from "./errors.ts";
import { type FinishedRun, findFinishedRun, keepFinishedRun } from "./finishedRun.ts";
import type { Log } from "./log.ts";
import { SessionPool } from "./sessionPool.ts";

/** An environment whose program is compiled and whose images are read. */
interface LoadedEnvironment {
  readonly environment: RunnableEnvironment;
  readonly native: NativeProgram;
  readonly drives: readonly DriveImage[];
}

/** Machines that are open, and that of a closed one. */
interface Machines {
  readonly pool: SessionPool<WorkerSession>;
  readonly threads: MachineThreads;
}

export interface MachineRunnerOptions {
  /** The operator's allow-list. */
  readonly environments: readonly RunnableEnvironment[];
  /** Of the deployment: checkpoints are nodes of the bisection. */
  readonly log2Arity: number;
  readonly limits: AgentLimits;
  /** Snapshots and console logs are kept here, one folder for each build. */
  readonly stateFolder: string;
  readonly log: Log;
  /** What changes a state of a build on purpose, if anything does. */
  readonly machineFault?: (environment: Environment, input: Uint8Array) => Fault | undefined;
  readonly onProgress?: (buildId: Root, progress: Progress) => void;
}

/** Most checkpoints that are published: 2^12 of 32 bytes. */
const log2MostCheckpoints = 12;
/** Ticks that are interpreted and compared before anything is claimed: one in the middle, the others anywhere. */
const spotChecks = 3;

/** Runs builds in the machine, each in a worker thread of its own. */
export async function createMachineRunner(options: MachineRunnerOptions): Promise<Runner> {
  const kernel = await loadKeccakKernel();
  const allowed = new Map(options.environments.map((environment) => [environment.id, environment]));
  /** Images are large: those of one environment are kept, that of the last build. */
  let loaded: { readonly id: Root; readonly environment: Promise<LoadedEnvironment> } | undefined;

  async function load(environment: RunnableEnvironment): Promise<LoadedEnvironment> {
    const { program, drives } = await environment.open();
    return { environment, native: nativeProgramOf(program), drives: sharedDrives(drives) };
  }

  const pool = new SessionPool<WorkerSession>(options.limits.openBuilds);
  const threads = new MachineThreads();
  return {
    allows: (environmentId) => allowed.has(environmentId),
    inputCapacity: (environmentId) => 2 ** allowed.get(environmentId)!.drive.log2Size,
    async run(buildId, environmentId, readInput, signal, readDependencies) {
      const wanted = allowed.get(environmentId)!;
      const contents = await contentsOf(wanted, buildId, kernel, readInput, readDependencies);
      const open = async () => {
        if (loaded?.id !== environmentId) loaded = { id: environmentId, environment: load(wanted) };
        const { environment } = loaded;
        environment.catch(() => {
          if (loaded?.environment === environment) loaded = undefined;
        });
        return await environment;
      };
      const machines = { pool, threads };
      return await runBuild(wanted, open, buildId, contents, readInput, readDependencies, signal, machines, options);
    },
    async close() {
      await pool.closeAll();
      await threads.close();
    },
  };
}

/**
 * Reads what a build is made of, which is large and let go again, and sees that it is this one.
 * @throws AssayError `agents/input-mismatch`
 */
async function contentsOf(
  environment: Environment,
  buildId: Root,
  hasher: Hasher,
  readInput: () => Promise<Uint8Array>,
  readDependencies: (() => Promise<Uint8Array>) | undefined,
): Promise<Pick<FinishedBuild, "input" | "dependencies">> {
  const input = await readInput();
  const dependencies = await readDependencies?.();
  const given = buildIdOf(environment, input, hasher, dependencies);
  if (given !== buildId) {
    throw new AssayError(
      "agents/input-mismatch",
      `environment, input and dependencies are those of build ${given}, not of ${buildId}`,
      { expected: buildId, given },
    );
  }
  const content = (bytes: Uint8Array) => ({ id: contentIdOf(bytes), size: bytes.length });
  return { input: content(input), ...(dependencies && { dependencies: content(dependencies) }) };
}

async function runBuild(
  environment: RunnableEnvironment,
  load: () => Promise<LoadedEnvironment>,
  buildId: Root,
  contents: Pick<FinishedBuild, "input" | "dependencies">,
  readInput: () => Promise<Uint8Array>,
  readDependencies: (() => Promise<Uint8Array>) | undefined,
  signal: AbortSignal,
  { pool, threads }: Machines,
  options: MachineRunnerOptions,
): Promise<FinishedBuild> {
  const fault = options.machineFault?.(environment, await readInput());
  const name = fault === undefined ? buildId : `${buildId}-${faultName(fault)}`;
  const snapshotDirectory = join(options.stateFolder, "builds", name);
  const finishedFile = join(snapshotDirectory, "finished");
  const finishedName = `${name} ${environment.id} ${options.log2Arity}`;
  const known = await findFinishedRun(finishedFile, finishedName);
  if (known !== undefined && known.run.ticks > options.limits.maxTicks) {
    throw tooLong(buildId, `more than ${options.limits.maxTicks} ticks`);
  }
  /** What the build says is logged in its first session; later ones only look into it. */
  let consoleLog =
    known === undefined
      ? environment.console && openLog(join(snapshotDirectory, "console.log"), buildId, options.log)
      : undefined;
  const open = async () => {
    const { native, drives } = await load();
    const input = await readInput();
    const console = consoleLog && { ring: environment.console!, onOutput: consoleLog.write };
    return await WorkerSession.start({
      program: native,
      drives: [...drives, ...inputImages(environment, input, await readDependencies?.())],
      snapshotDirectory,
      maxLog2StepsPerTick: environment.maxLog2StepsPerTick,
      fixedRegions: environment.fixedRegions,
      threads,
      ...(fault !== undefined && { fault }),
      ...(console !== undefined && { console }),
      prefix: environment.sharedPrefix?.(input),
      report: (complaint) => options.log.warn({ build: buildId, complaint }, "snapshots"),
    });
  };
  const use = async <T>(act: (session: WorkerSession) => Promise<T>) => await pool.use(name, open, act);

  const started = performance.now();
  const finished: FinishedRun =
    known ??
    (await use(async (session) => {
      await checkStart(session, buildId, environment);
      const run = await runToEnd(session, buildId, environment.checkpointLevels(contents.input.size), signal, options);
      const measure = await check(session, run, fault === undefined);
      const proofs = await session.resultProofs();
      return { run, measure, proofs, runSeconds: (performance.now() - started) / 1000 };
    }));
  if (known === undefined) {
    await keepFinishedRun(finishedFile, finishedName, finished).catch((error: Error) =>
      options.log.warn({ build: buildId, why: error.message }, "a later process will have to run this build again"),
    );
  } else {
    options.log.info({ build: buildId, ticks: known.run.ticks }, "the process before has run this build");
  }
  const { run, measure, proofs, runSeconds } = finished;
  if (consoleLog !== undefined) closeLog(consoleLog, buildId, options.log);
  consoleLog = undefined;
  return {
    buildId,
    trace: traceOf(use),
    finalRoot: run.finalRoot,
    ticks: run.ticks,
    log2Ticks: run.log2Ticks,
    ...thinned(run, options.log2Arity),
    startProof: proofs.start,
    endProof: proofs.final,
    outcome: outcomeOf(proofs.final),
    measure,
    maxLog2Steps: environment.maxLog2StepsPerTick,
    runSeconds,
    environment: { name: environment.name, id: environment.id },
    ...contents,
    async discard() {
      await pool.close(name);
      await rm(snapshotDirectory, { recursive: true, force: true });
    },
  };
}

/** A console that nobody can keep is no reason not to run a build. */
function openLog(file: string, buildId: Root, log: Log): ConsoleLog {
  return new ConsoleLog(file, undefined, (why) =>
    log.warn({ build: buildId, file, why }, "the console's log cannot be written: the build goes on without it"),
  );
}

function closeLog(consoleLog: ConsoleLog, buildId: Root, log: Log): void {
  const { file, missing, unwritten } = consoleLog;
  consoleLog.close();
  if (missing.lost + missing.cut + unwritten > 0) {
    log.warn(
      { build: buildId, file, ...missing, unwritten },
      "the console's log does not hold all that the build has printed",
    );
  }
}

/**
 * The machine's own first state has to be the one that was computed from the environment: images that are not what their
 * environment says would otherwise be noticed by losing a bond.
 */
async function checkStart(session: WorkerSession, buildId: Root, { name, id }: Environment): Promise<void> {
  const given = await session.startRoot();
  if (given === buildId) return;
  throw new AssayError(
    "agents/bad-environment",
    `the environment ${name} starts build ${buildId} in state ${given}: its program or images are not those of ${id}`,
    { expected: buildId, given, environment: id },
  );
}

/** Runs, within the operator's limits. */
async function runToEnd(
  session: WorkerSession,
  buildId: Root,
  levels: number,
  signal: AbortSignal,
  { log2Arity, limits, onProgress }: MachineRunnerOptions,
): Promise<CompletedRun> {
  // An abort that has been is not told to those who listen from now on.
  signal.throwIfAborted();
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
 * Looks into a few ticks, and compares what the interpreter makes of them with the engine's. A run with a fault does not agree
 * with anything, so that a look into one tick only tells how long it takes.
 * @returns the measure of the tick with most steps: where there are few, what else a look takes would count for many
 */
async function check(session: WorkerSession, run: CompletedRun, honest: boolean): Promise<TickMeasure> {
  if (honest) await session.rerunPrefix();
  const random = () => Math.floor(Math.random() * run.ticks);
  const ticks = new Set([Math.floor(run.ticks / 2), ...(honest ? Array.from({ length: spotChecks - 1 }, random) : [])]);
  const measures: TickMeasure[] = [];
  for (const tick of ticks) {
    measures.push(await look(session, tick));
    if (honest) await session.spotCheck([tick]);
  }
  return measures.reduce((most, measure) => (measure.steps > most.steps ? measure : most));
}

/** Goes to a tick and interprets it. */
async function look(session: WorkerSession, tick: number): Promise<TickMeasure> {
  const processor = process.cpuUsage();
  const started = performance.now();
  await session.tickRoots([tick]);
  const there = performance.now();
  const { steps } = await session.openTick(tick);
  const opened = performance.now();
  const { user, system } = process.cpuUsage(processor);
  return {
    reachSeconds: (there - started) / 1000,
    interpretSeconds: (opened - there) / 1000,
    processorSeconds: (user + system) / 1e6,
    steps,
  };
}

/** Fewer checkpoints where a run has very many; the distance stays a multiple of the arity's logarithm. */
function thinned(
  run: FinishedRun["run"],
  log2Arity: number,
): { log2CheckpointTicks: number; checkpoints: readonly Root[] } {
  let { log2CheckpointTicks, checkpoints } = run;
  while (run.log2Ticks - log2CheckpointTicks > log2MostCheckpoints) {
    log2CheckpointTicks += log2Arity;
    checkpoints = checkpoints.filter((_, i) => (i + 1) % 2 ** log2Arity === 0);
  }
  return { log2CheckpointTicks, checkpoints };
}

function tooLong(buildId: Root, why: string): AssayError<AgentErrorCode> {
  return new AssayError("agents/too-long", `build ${buildId} takes ${why}, which is the limit`, { buildId });
}
