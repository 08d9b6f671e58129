/** Threads that hold machines: started for sessions, and kept between them. */
import { Worker } from "node:worker_threads";
import { equalBytes } from "../../../core/bytes.ts";
import { threadEntry } from "../../../core/node/threadEntry.ts";
import type { NativeProgram } from "../nativeProgram.ts";

/** What a session makes is large arrays, which are not here: V8 may take up to 48 MiB for each thread otherwise. */
const maxYoungGenerationSizeMb = 8;
/** WebAssembly frames of ticks live on the worker's stack. */
const stackSizeMb = 4;
/** A machine holds its memory: it is not kept for ever. */
const idleMilliseconds = 600_000;

interface IdleThread {
  readonly worker: Worker;
  readonly program: NativeProgram;
  readonly timer: NodeJS.Timeout;
}

/**
 * Keeps the thread of the session that was closed last, with its machine's compiled code and memory: a short build takes half
 * again as long without them. The next session of the same program gets it; for another program it is ended, so that there
 * are never more machines than sessions at one time.
 */
export class MachineThreads {
  private idle: IdleThread | undefined;
  private closed = false;

  /** The thread that is kept, if it holds a machine of this program. */
  take(program: NativeProgram): Worker | undefined {
    const found = this.leave();
    if (found === undefined) return undefined;
    if (equalBytes(found.program.program.binary, program.program.binary)) return found.worker;
    void found.worker.terminate();
    return undefined;
  }

  /** Keeps a thread that answers nobody just now, in place of the one that was kept before. */
  async give(worker: Worker, program: NativeProgram): Promise<void> {
    const before = this.leave();
    if (this.closed) return void (await worker.terminate());
    const timer = setTimeout(() => void this.leave()?.worker.terminate(), idleMilliseconds);
    timer.unref();
    this.idle = { worker, program, timer };
    // It may die of something that it did for nobody: then it is not there any more.
    worker.on("error", () => {});
    worker.on("exit", () => {
      if (this.idle?.worker === worker) this.leave();
    });
    await before?.worker.terminate();
  }

  /** Ends the thread that is kept, and those that are given from now on. */
  async close(): Promise<void> {
    this.closed = true;
    await this.leave()?.worker.terminate();
  }

  private leave(): IdleThread | undefined {
    const { idle } = this;
    this.idle = undefined;
    if (idle === undefined) return undefined;
    clearTimeout(idle.timer);
    forgetListeners(idle.worker);
    return idle;
  }
}

/** Takes away what a thread's user or keeper listens to; Node listens to other events itself. */
export function forgetListeners(worker: Worker): void {
  for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
}

/** A new thread, without a machine. */
export function startThread(): Worker {
  const { url, ...options } = threadEntry(import.meta.url, "machineWorker");
  return new Worker(url, { resourceLimits: { stackSizeMb, maxYoungGenerationSizeMb }, ...options });
}
