/**
 * Entry of the worker thread that holds sessions, one after the other: the machine of one is the next one's. Requests are
 * answered in their order.
 */
import { parentPort } from "node:worker_threads";
import { AssayError, isAssayError } from "../../../core/errors.ts";
import { KeccakKernel } from "../../../merkle/keccakKernel.ts";
import type { Machine } from "../machine.ts";
import { RingReader } from "../ringBuffer.ts";
import { MachineSession, type RunOptions } from "../session.ts";
import { SharedPrefix } from "../sharedPrefix.ts";
import { MemorySnapshotStorage, watchedStorage } from "../snapshotStorage.ts";
import { SnapshotDirectory } from "./snapshotDirectory.ts";
import {
  signal,
  type WorkerClosing,
  type WorkerFailure,
  type WorkerMessage,
  type WorkerOpening,
  type WorkerRequest,
  type WorkerSettings,
} from "./workerMessages.ts";

let settings: WorkerSettings;
const port = parentPort!;
/** When so much console output has not been taken yet, the machine waits for its host: else it would be lost. */
const maxOutputBytes = 2 ** 20;
/** Between two signs of life while it waits. */
const waitMilliseconds = 1000;
let session: MachineSession | undefined;
/** What the session before has left. */
let kept: Machine | undefined;
let kernel: KeccakKernel | undefined;
const directories: SnapshotDirectory[] = [];

/** Says that the thread lives: what takes long besides ticks is hashing, and reading and writing snapshots. */
function worked(): void {
  Atomics.add(settings.signal, signal.beats, 1);
}

function post(message: WorkerMessage): void {
  port.postMessage(message);
}

function open(): MachineSession {
  const { program, engine, drives, hashedDrives, chainBytes, sideBytes, fault, snapshotDirectory, prefix } = settings;
  // The session keeps what it needs of the drives; so does nobody else.
  settings = { ...settings, drives: [], hashedDrives: [] };
  const machine = kept;
  kept = undefined;
  kernel ??= KeccakKernel.create(settings.kernel, worked);
  const directory = (path: string, use?: "shared") => {
    const files = new SnapshotDirectory(path, use);
    directories.push(files);
    return watchedStorage(files, worked);
  };
  return new MachineSession({
    program,
    engine,
    drives,
    hashedDrives,
    kernel,
    kept: machine,
    ...(prefix && { prefix: new SharedPrefix(kernel, directory(prefix.directory, "shared"), prefix) }),
    storage:
      snapshotDirectory === undefined
        ? watchedStorage(new MemorySnapshotStorage(), worked)
        : directory(snapshotDirectory),
    maxLog2StepsPerTick: settings.maxLog2StepsPerTick,
    fixedRegions: settings.fixedRegions,
    chainBytes,
    sideBytes,
    ...(fault === undefined ? {} : { fault }),
    ...observer(),
    worked,
    beat: () => {
      worked();
      if (Atomics.load(settings.signal, signal.abort) !== 0)
        throw new AssayError("native/aborted", "the run was aborted");
    },
    report: (complaint) => post({ kind: "report", complaint }),
  });
}

/** Waits until the host has taken what was posted, or wants the run to end. */
function awaitHost(): void {
  for (;;) {
    const waiting = Atomics.load(settings.signal, signal.outputBytes);
    if (waiting <= maxOutputBytes || Atomics.load(settings.signal, signal.abort) !== 0) return;
    Atomics.wait(settings.signal, signal.outputBytes, waiting, waitMilliseconds);
    worked();
  }
}

/** Posts what the program writes to its console: all of it, as long as no tick writes more than the ring holds. */
function observer(): { observe?: (memory: Uint8Array) => void } {
  if (settings.console === undefined) return {};
  const reader = new RingReader(settings.console.ring, settings.console.from);
  return {
    observe(memory) {
      const content = reader.take(memory);
      if (content === undefined) return;
      awaitHost();
      Atomics.add(settings.signal, signal.outputBytes, content.bytes.length);
      post({ kind: "output", content });
    },
  };
}

function answer({ id, method, values }: WorkerRequest): unknown {
  session ??= open();
  if (method === "run") {
    return session.run(values[0] as RunOptions, (progress) => post({ kind: "progress", id, progress }));
  }
  return (session[method] as (...values: unknown[]) => unknown).apply(session, [...values]);
}

function failureOf(error: unknown): WorkerFailure {
  if (!isAssayError(error)) return { code: undefined, message: String(error), details: {} };
  const simple = Object.entries(error.details).filter(([, value]) => typeof value !== "object");
  return { code: error.code, message: error.message, details: Object.fromEntries(simple) };
}

function close(): void {
  kept = session?.machine ?? kept;
  session = undefined;
  for (const files of directories.splice(0)) files.close();
}

port.on("message", (request: WorkerRequest | WorkerOpening | WorkerClosing) => {
  if (request.kind === "close") return close();
  if (request.kind === "open") {
    settings = request.settings;
    return worked();
  }
  try {
    post({ kind: "result", id: request.id, value: answer(request) });
  } catch (error) {
    post({ kind: "failure", id: request.id, failure: failureOf(error) });
  }
});
