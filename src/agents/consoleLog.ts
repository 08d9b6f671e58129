import { closeSync, constants, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { AssayError } from "../core/errors.ts";
import type { RingContent } from "../machine/native/ringBuffer.ts";
import type { AgentErrorCode } from "./errors.ts";

/** What a build says beyond this many bytes is not kept: it can print without end. */
const mostBytes = 64 * 2 ** 20;

/**
 * A build's console in a file: byte number i of the console is byte number i of the file, so that writing something again
 * does no harm, and a build that is taken up again after a crash goes on in the file that is there. What was lost because the
 * console's ring overflowed reads as zeros.
 */
export class ConsoleLog {
  private descriptor: number | undefined;

  /** The file and its folder are made with the first output. */
  constructor(readonly file: string) {}

  /** @throws AssayError `agents/log-fault` when it cannot be written. */
  readonly write = ({ from, bytes }: RingContent): void => {
    const kept = bytes.subarray(0, Math.max(0, mostBytes - from));
    try {
      this.descriptor ??= open(this.file);
      for (let done = 0; done < kept.length; ) {
        done += writeSync(this.descriptor, kept, done, kept.length - done, from + done);
      }
    } catch (cause) {
      const why = (cause as Error).message;
      throw new AssayError<AgentErrorCode>(
        "agents/log-fault",
        `cannot keep the console's log ${this.file}: ${why}`,
        {},
        { cause },
      );
    }
  };

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

function open(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o600);
}
