import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Hex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { makeFolder } from "../core/node/makeFolder.ts";
import type { RingContent } from "../machine/native/ringBuffer.ts";
import type { AgentErrorCode } from "./errors.ts";

/** What a build says beyond this many bytes is not kept: it can print without end. */
const mostLogBytes = 64 * 2 ** 20;

/** What of a console is not in its log. */
export interface Missing {
  /** Bytes that were overwritten before they were read: zeros in the file. */
  readonly lost: number;
  /** Bytes behind the end of the file, which is as long as it may be. */
  readonly cut: number;
}

/**
 * A build's console in a file: byte number i of the console is byte number i of the file, so that writing something again
 * does no harm, and a build that is taken up again after a crash goes on in the file that is there. What was lost because the
 * console's ring overflowed reads as zeros.
 */
export class ConsoleLog {
  private descriptor: number | undefined;
  private end = 0;
  private lost = 0;
  /** Bytes that could not be written: zeros in the file, or behind its end. */
  unwritten = 0;

  /**
   * The file and its folder are made with the first output.
   * @param mostBytes that the file may have.
   * @param onFault called the first time that output cannot be written, which is then counted instead of refused.
   */
  constructor(
    readonly file: string,
    readonly mostBytes: number = mostLogBytes,
    private readonly onFault?: (why: string) => void,
  ) {}

  /** What of the console so far is not in the file. */
  get missing(): Missing {
    return { lost: this.lost, cut: Math.max(0, this.end - this.mostBytes) };
  }

  /** @throws AssayError `agents/log-fault` when it cannot be written, and nobody wants to be told otherwise. */
  readonly write = ({ from, bytes }: RingContent): void => {
    const kept = bytes.subarray(0, Math.max(0, this.mostBytes - from));
    let done = 0;
    try {
      if (this.descriptor === undefined) {
        this.descriptor = open(this.file);
        this.end = Math.max(this.end, fstatSync(this.descriptor).size);
      }
      this.lost += Math.max(0, Math.min(from, this.mostBytes) - this.end);
      this.end = Math.max(this.end, from + bytes.length);
      while (done < kept.length) done += writeSync(this.descriptor, kept, done, kept.length - done, from + done);
    } catch (cause) {
      const why = (cause as Error).message;
      if (this.onFault === undefined) throw logFault(this.file, why, cause);
      if (this.unwritten === 0) this.onFault(why);
      this.unwritten += kept.length - done;
      this.end = Math.max(this.end, from + bytes.length);
    }
  };

  /**
   * Cuts off what the guest's kernel has said behind the log that the build's record states, where the file begins with that log.
   * Called when everything is written.
   */
  cutTo({ size, sha256 }: { readonly size: number; readonly sha256: Hex }): void {
    if (size >= this.end || size > this.mostBytes || this.lost + this.unwritten > 0) return;
    const log = readFileSync(this.file).subarray(0, size);
    if (createHash("sha256").update(log).digest("hex") !== sha256.slice(2)) return;
    truncateSync(this.file, size);
    this.end = size;
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

function open(file: string): number {
  makeFolder(dirname(file));
  // A pipe that somebody put there is not waited for.
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK, 0o600);
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new AssayError("agents/log-fault", "it is not a regular file");
}

function logFault(file: string, why: string, cause: unknown): AssayError<AgentErrorCode> {
  return new AssayError("agents/log-fault", `cannot keep the console's log ${file}: ${why}`, {}, { cause });
}
