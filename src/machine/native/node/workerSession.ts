/** Holds a session in a worker thread: with a stack of known size, under a watchdog, abortable at any time. */
import type { Worker } from "node:worker_threads";
import { AssayError, isAssayError } from "../../../core/errors.ts";
import { readKeccakKernel } from "../../../merkle/node/keccakKernelNode.ts";
import { maxLog2Steps } from "../../layout.ts";
import type { DriveImage } from "../../program.ts";
import type { EngineName } from "../engine/engines.ts";
import type { Fault } from "../fault.ts";
import type { MemoryRegion } from "../memoryRegions.ts";
import type { NativeProgram } from "../nativeProgram.ts";
import type { RingBuffer, RingContent } from "../ringBuffer.ts";
import type { Progress } from "../session.ts";
import type { SessionClient } from "../sessionClient.ts";
import { hashedDrives } from "./hashedDrives.ts";
import { forgetListeners, type MachineThreads, startThread } from "./machineThreads.ts";
import { sharedDrives } from "./sharedDrives.ts";
import { Watchdog } from "./watchdog.ts";
import {
  signal,
  type WorkerClosing,
  type WorkerFailure,
  type WorkerMessage,
  type WorkerOpening,
  type WorkerRequest,
  type WorkerSettings,
} from "./workerMessages.ts";

/** The program, its drives, and what is kept of a run. */
export interface WorkerSessionOptions {
  readonly program: NativeProgram;
  /** The engine that runs the ticks; the preferred one by default. */
  readonly engine?: EngineName | undefined;
  /** Not to be changed as long as the session is open: contents that are in shared memory are not copied (`sharedDrives`). */
  readonly drives: readonly DriveImage[];
  /** A directory of this run's own, for snapshots that outlive the process. Without it they are in memory. */
  readonly snapshotDirectory?: string;
  /** What snapshots along the run may take: by default 4 GiB on disk, 192 MiB in memory. */
  readonly chainBytes?: number;
  /** What snapshots within an interval or tick may take in memory: 256 MiB by default. */
  readonly sideBytes?: number;
  readonly fault?: Fault;
  /** The beginning that this run shares with others of its environment, in a directory of that environment's own. */
  readonly prefix?: WorkerSettings["prefix"];
  /** What no tick writes to (`RunnableEnvironment`): it need not be looked at between ticks. */
  readonly fixedRegions?: readonly MemoryRegion[] | undefined;
  /** Ticks that are found to take more than 2 to this power steps are refused; 2^32 by default. */
  readonly maxLog2StepsPerTick?: number;
  /**
   * How long the thread may give no sign of life, 60 seconds by default: no tick may take longer. Hashing, reading and
   * writing of whole memories give signs on the way.
   */
  readonly tickSeconds?: number;
  readonly report?: (complaint: string) => void;
  /** Where the thread comes from and goes to, with the machine in it. Without, it is started and ended with the session. */
  readonly threads?: MachineThreads | undefined;
  /** Told what the program writes to its console, in order; `from` says from which byte on (0 when missing). */
  readonly console?: {
    readonly ring: RingBuffer;
    readonly from?: number;
    readonly onOutput: (content: RingContent) => void;
  };
}

const mebibyte = 2 ** 20;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly progress: ((progress: Progress) => void) | undefined;
}

/** A session in a thread of its own: the caller's stays free, and long work can be interrupted. */
export class WorkerSession implements SessionClient {
  private readonly worker: Worker;
  private readonly program: NativeProgram;
  private readonly threads: MachineThreads | undefined;
  private readonly signal: Int32Array<SharedArrayBuffer>;
  private readonly tickSeconds: number;
  private readonly report: (complaint: string) => void;
  private readonly onOutput: (content: RingContent) => void;
  private readonly pending = new Map<number, Pending>();
  private readonly watchdog: Watchdog;
  private readonly checks: NodeJS.Timeout;
  private nextId = 0;
  private failed: AssayError | undefined;

  private constructor(
    worker: Worker,
    { program, tickSeconds = 60, report = () => {}, console, threads }: WorkerSessionOptions,
  ) {
    this.signal = new Int32Array(new SharedArrayBuffer(12));
    this.tickSeconds = tickSeconds;
    this.report = report;
    this.onOutput = console?.onOutput ?? (() => {});
    this.threads = threads;
    this.program = program;
    this.worker = worker;
    this.worker.on("message", (message: WorkerMessage) => this.receive(message));
    this.worker.on("error", (cause) => {
      this.fail(new AssayError("native/worker-fault", `the machine's thread died: ${cause.message}`, {}, { cause }));
    });
    this.worker.on("exit", () => this.fail(new AssayError("native/worker-fault", "the machine's thread has ended")));
    this.watchdog = new Watchdog(tickSeconds);
    this.checks = setInterval(() => this.watch(), this.watchdog.interval);
    this.checks.unref();
    this.worker.unref();
  }

  static async start(options: WorkerSessionOptions): Promise<WorkerSession> {
    const { program, engine, snapshotDirectory, fault, prefix, fixedRegions = [] } = options;
    const drives = sharedDrives(options.drives);
    const chainBytes = options.chainBytes ?? (snapshotDirectory === undefined ? 192 : 4096) * mebibyte;
    const sideBytes = options.sideBytes ?? 256 * mebibyte;
    const maxLog2StepsPerTick = options.maxLog2StepsPerTick ?? maxLog2Steps;
    const kernel = await readKeccakKernel();
    const console = options.console && { ring: options.console.ring, from: options.console.from ?? 0 };
    const kept = { snapshotDirectory, prefix, chainBytes, sideBytes };
    const bounds = { maxLog2StepsPerTick, fixedRegions };
    const settings = { program, engine, drives, kernel, fault, console, ...bounds, ...kept };

    const warm = options.threads?.take(program);
    const session = new WorkerSession(warm ?? startThread(), options);
    try {
      // A machine that is there has hashed most of them already.
      const hashed = warm === undefined ? await hashedDrives(drives, kernel) : [];
      session.open({ ...settings, hashedDrives: hashed });
    } catch (error) {
      await session.worker.terminate();
      throw error;
    }
    return session;
  }

  private open(settings: Omit<WorkerSettings, "signal">): void {
    this.worker.postMessage({ kind: "open", settings: { ...settings, signal: this.signal } } satisfies WorkerOpening);
  }

  startRoot: SessionClient["startRoot"] = () => this.call("startRoot", []);
  run: SessionClient["run"] = (options, progress) => this.call("run", [options], progress);
  tickRoots: SessionClient["tickRoots"] = (ticks) => this.call("tickRoots", [ticks]);
  openTick: SessionClient["openTick"] = (tick) => this.call("openTick", [tick]);
  stepRoots: SessionClient["stepRoots"] = (tick, steps) => this.call("stepRoots", [tick, steps]);
  stepWitness: SessionClient["stepWitness"] = (tick, step) => this.call("stepWitness", [tick, step]);
  lookAtStep: SessionClient["lookAtStep"] = (tick, step, ranges) => this.call("lookAtStep", [tick, step, ranges]);
  resultProofs: SessionClient["resultProofs"] = () => this.call("resultProofs", []);
  executionSecret: SessionClient["executionSecret"] = () => this.call("executionSecret", []);
  readFinalMemory: SessionClient["readFinalMemory"] = (address, length) =>
    this.call("readFinalMemory", [address, length]);
  spotCheck: SessionClient["spotCheck"] = (ticks) => this.call("spotCheck", [ticks]);
  rerunPrefix: SessionClient["rerunPrefix"] = () => this.call("rerunPrefix", []);
  longestTick: SessionClient["longestTick"] = () => this.call("longestTick", []);

  /** Ends what is under way with `native/aborted`, between two ticks. The session stays usable. */
  abort(): void {
    if (this.pending.size === 0) return;
    Atomics.store(this.signal, signal.abort, 1);
    Atomics.notify(this.signal, signal.outputBytes);
  }

  /** Ends the session, and the thread unless there is a place to keep it. What is under way is rejected with `native/aborted`. */
  async close(): Promise<void> {
    const isIdle = this.failed === undefined && this.pending.size === 0;
    this.fail(new AssayError("native/aborted", "the session was closed"));
    if (!isIdle || this.threads === undefined) return void (await this.worker.terminate());
    forgetListeners(this.worker);
    this.worker.postMessage({ kind: "close" } satisfies WorkerClosing);
    await this.threads.give(this.worker, this.program);
  }

  private call<T>(method: keyof SessionClient, values: unknown[], progress?: (progress: Progress) => void): Promise<T> {
    if (this.failed !== undefined) return Promise.reject(this.failed);
    const id = this.nextId++;
    if (this.pending.size === 0) this.watchdog.rest(this.beats, performance.now());
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject, progress });
      this.worker.ref();
      this.worker.postMessage({ kind: "request", id, method, values } satisfies WorkerRequest);
    });
  }

  private receive(message: WorkerMessage): void {
    if (message.kind === "report") return this.report(message.complaint);
    if (message.kind === "output") {
      this.handOn(message.content);
      Atomics.sub(this.signal, signal.outputBytes, message.content.bytes.length);
      Atomics.notify(this.signal, signal.outputBytes);
      return;
    }
    const pending = this.pending.get(message.id);
    if (pending === undefined) return;
    if (message.kind === "progress") return pending.progress?.(message.progress);
    this.pending.delete(message.id);
    if (this.pending.size === 0) {
      this.worker.unref();
      Atomics.store(this.signal, signal.abort, 0);
    }
    if (message.kind === "result") return pending.resolve(message.value);
    pending.reject(revived(message.failure));
  }

  /** Output that nobody can take ends the session: it must not be lost in silence. */
  private handOn(content: RingContent): void {
    try {
      this.onOutput(content);
    } catch (cause) {
      const { message } = cause as Error;
      this.fail(isAssayError(cause) ? cause : new AssayError("native/worker-fault", message, {}, { cause }));
      void this.worker.terminate();
    }
  }

  private watch(): void {
    if (this.pending.size === 0) return;
    if (!this.watchdog.look(this.beats, performance.now())) return;
    const limit = this.tickSeconds;
    const message = `a tick has not ended after ${limit} seconds: the program cannot be run under this limit`;
    this.fail(new AssayError("native/tick-timeout", message, { tickSeconds: limit }));
    void this.worker.terminate();
  }

  private get beats(): number {
    return Atomics.load(this.signal, signal.beats);
  }

  /** The first failure is what all later calls are answered with. */
  private fail(error: AssayError): void {
    this.failed ??= error;
    clearInterval(this.checks);
    for (const { reject } of this.pending.values()) reject(this.failed);
    this.pending.clear();
  }
}

/** The error that the thread has thrown. Details that are objects are optional for every code that a session has: they stay there. */
function revived({ code, message, details }: WorkerFailure): AssayError {
  return code === undefined
    ? new AssayError("native/worker-fault", message)
    : new AssayError(code, message, details as never);
}
