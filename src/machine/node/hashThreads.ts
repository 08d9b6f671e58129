/** Hashes pieces of drives on all processors: the caller's thread takes what the others have no time for. */
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { AssayError } from "../../core/errors.ts";
import { threadEntry } from "../../core/node/threadEntry.ts";
import { KeccakKernel } from "../../merkle/keccakKernel.ts";
import { readKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { pieceNodes } from "../driveHasher.ts";

/** Pieces that a thread has got: one that it works on, and the next. */
const mostWaiting = 2;
const mostThreads = 8;

type Answer = (nodes: Uint8Array | undefined) => void;

interface Helper {
  readonly worker: Worker;
  hasEnded: boolean;
  readonly waiting: { readonly resolve: Answer; readonly reject: (cause: Error) => void }[];
}

export class HashThreads {
  private readonly kernel: KeccakKernel;
  private readonly helpers: Helper[];

  private constructor(kernel: KeccakKernel, helpers: Helper[]) {
    this.kernel = kernel;
    this.helpers = helpers;
  }

  /** @param threads the caller's included; as many as there are processors by default. */
  static async start(threads = Math.min(availableParallelism(), mostThreads)): Promise<HashThreads> {
    const binaries = await readKeccakKernel();
    const helpers = Array.from({ length: threads - 1 }, (): Helper => {
      const { url, ...options } = threadEntry(import.meta.url, "hashWorker");
      const helper: Helper = {
        worker: new Worker(url, { workerData: binaries, ...options }),
        hasEnded: false,
        waiting: [],
      };
      helper.worker.on("message", (nodes) => helper.waiting.shift()?.resolve(nodes));
      helper.worker.on("error", (cause) => failAll(helper, cause));
      helper.worker.on("exit", () => failAll(helper));
      return helper;
    });
    return new HashThreads(KeccakKernel.create(binaries), helpers);
  }

  /**
   * The nodes of a piece's pages, as `pieceNodes`. Returns once the piece is on its way, or is hashed.
   * @param piece not to be changed until then; one that is not in shared memory is copied.
   */
  async hash(piece: Uint8Array): Promise<{ readonly nodes: Promise<Uint8Array | undefined> }> {
    const helper = this.helpers.find(({ waiting, hasEnded }) => !hasEnded && waiting.length < mostWaiting);
    if (helper === undefined) {
      const nodes = Promise.resolve(pieceNodes(this.kernel, piece));
      // Answers of the others are waiting.
      await setImmediate();
      return { nodes };
    }
    const nodes = new Promise<Uint8Array | undefined>((resolve, reject) => helper.waiting.push({ resolve, reject }));
    const isShared = piece.buffer instanceof SharedArrayBuffer;
    const posted = isShared ? piece : piece.slice();
    helper.worker.postMessage(posted, isShared ? [] : [posted.buffer as ArrayBuffer]);
    return { nodes };
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.helpers.map(({ worker }) => worker.terminate()));
  }
}

function failAll(helper: Helper, cause?: Error): void {
  helper.hasEnded = true;
  const message = `a hashing thread has ended${cause === undefined ? "" : `: ${cause.message}`}`;
  for (const { reject } of helper.waiting.splice(0))
    reject(new AssayError("machine/worker-fault", message, {}, { cause }));
}
