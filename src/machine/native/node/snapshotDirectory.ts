import { closeSync, openSync, readdirSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { AssayError } from "../../../core/errors.ts";
import { makeFolder } from "../../../core/node/makeFolder.ts";
import type { SnapshotStorage } from "../snapshotStorage.ts";

const snapshotName = /^tick-\d{13}$/;
const unfinished = ".unfinished";
/** Files that are kept open for reading. */
const mostOpen = 32;
/** Pages are gathered into writes of this size. */
const writeBytes = 2 ** 20;

/**
 * Snapshots as files in a directory of their own, made when it is missing. Files appear whole when the process is killed;
 * they are not forced to the disk, since one that a failing machine cut off is noticed and replaced.
 */
export class SnapshotDirectory implements SnapshotStorage {
  private readonly directory: string;
  private readonly unfinished: string;
  /** Descriptors of the files read last, the newest last: one state's pages come from several files in turn. */
  private readonly open = new Map<string, number>();

  /**
   * @param use whether other processes use the directory at the same time: what they have begun to write is left alone.
   * @throws AssayError `native/storage-fault`
   */
  constructor(directory: string, use: "own" | "shared" = "own") {
    this.directory = directory;
    this.unfinished = use === "own" ? unfinished : `.${process.pid}-${threadId}${unfinished}`;
    this.attempt("make", () => {
      makeFolder(directory);
      if (use === "shared") return;
      for (const name of readdirSync(directory)) if (name.endsWith(unfinished)) rmSync(join(directory, name));
    });
  }

  names(): string[] {
    return this.attempt("list", () => readdirSync(this.directory).filter((name) => snapshotName.test(name)));
  }

  read(name: string, offset: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    try {
      const descriptor = this.descriptorOf(name);
      let done = 0;
      while (done < length) {
        const count = readSync(descriptor, bytes, done, length - done, offset + done);
        if (count === 0) return undefined;
        done += count;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw this.fault("read", error);
    }
    return bytes;
  }

  write(name: string, parts: Iterable<Uint8Array>): void {
    const temporary = join(this.directory, `${name}${this.unfinished}`);
    this.attempt("write", () => {
      const descriptor = openSync(temporary, "w", 0o600);
      try {
        for (const block of gathered(parts)) writeAll(descriptor, block);
      } catch (error) {
        closeSync(descriptor);
        rmSync(temporary, { force: true });
        throw error;
      }
      closeSync(descriptor);
      this.closeFile(name);
      renameSync(temporary, join(this.directory, name));
    });
  }

  remove(name: string): void {
    this.closeFile(name);
    this.attempt("remove", () => rmSync(join(this.directory, name), { force: true }));
  }

  /** Closes the files. They are opened again when they are needed. */
  close(): void {
    for (const name of [...this.open.keys()]) this.closeFile(name);
  }

  private descriptorOf(name: string): number {
    const descriptor = this.open.get(name) ?? openSync(join(this.directory, name), "r");
    this.open.delete(name);
    this.open.set(name, descriptor);
    if (this.open.size > mostOpen) this.closeFile(this.open.keys().next().value!);
    return descriptor;
  }

  private closeFile(name: string): void {
    const descriptor = this.open.get(name);
    if (descriptor === undefined) return;
    this.open.delete(name);
    closeSync(descriptor);
  }

  private attempt<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw this.fault(what, error);
    }
  }

  private fault(what: string, cause: unknown): unknown {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) return cause;
    const reason = code === "ENOSPC" ? "the disk is full: make room and start again" : message;
    return new AssayError(
      "native/storage-fault",
      `cannot ${what} snapshots in ${this.directory}: ${reason}`,
      { code },
      { cause },
    );
  }
}

function* gathered(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  const block = new Uint8Array(writeBytes);
  let filled = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const count = Math.min(part.length - at, block.length - filled);
      block.set(part.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < block.length) continue;
      yield block;
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done);
}
