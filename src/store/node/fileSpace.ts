import { createHash, type Hash } from "node:crypto";
import { constants, type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../core/node/makeFolder.ts";
import { type ContentId, parseContentId } from "../contentId.ts";
import { Draft, type DraftSpace } from "../draft.ts";
import { diskError } from "./atomicFile.ts";

const readBytes = 2 ** 20;
/** Bytes that may be on their way to the disk while more are taken. */
const mostPendingBytes = 2 ** 23;

/** Keeps a draft in a file, so that a later process can go on with it. */
export class FileSpace implements DraftSpace {
  private readonly writes = new Set<Promise<void>>();
  private pendingBytes = 0;
  private failure: unknown;
  /** Of the first bytes, as long as they come in their order; undefined once that is not so: then the file is read. */
  private running: { readonly hash: Hash; size: number } | undefined;
  /** What is there already. */
  readonly draft: Draft;

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    size: number,
  ) {
    this.draft = new Draft(this, size);
    if (size === 0) this.running = { hash: createHash("sha256"), size: 0 };
  }

  /** Opens the file, or makes it. @throws AssayError `store/io-fault`, `store/full-fault` */
  static async open(file: string): Promise<FileSpace> {
    try {
      makeFolder(dirname(file));
      const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o644);
      return new FileSpace(file, handle, (await handle.stat()).size);
    } catch (cause) {
      throw diskError(cause, "open", file);
    }
  }

  /** Waits only where much is on its way already. @throws AssayError `store/full-fault`, `store/io-fault` for this or an earlier one */
  write(at: number, bytes: Uint8Array): void | Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.hashOn(at, bytes);
    const written = this.writeAll(at, bytes)
      .catch((cause: unknown) => {
        this.failure ??= diskError(cause, "write", this.file);
      })
      .finally(() => {
        this.writes.delete(written);
        this.pendingBytes -= bytes.length;
      });
    this.writes.add(written);
    this.pendingBytes += bytes.length;
    if (this.pendingBytes > mostPendingBytes) return this.settle();
  }

  async idOf(from: number, end: number): Promise<ContentId> {
    await this.settle();
    const hash = from === 0 && this.running?.size === end ? this.running.hash.copy() : await this.hashOf(from, end);
    return parseContentId(`sha256:${hash.digest("hex")}`);
  }

  /** Makes the file end where the draft does, and sees to it that it is on the disk. */
  async close(): Promise<void> {
    try {
      await this.settle();
      await this.handle.truncate(this.draft.size);
      await this.handle.sync();
    } catch (cause) {
      throw cause === this.failure ? cause : diskError(cause, "write", this.file);
    } finally {
      await this.handle.close();
    }
  }

  private hashOn(at: number, bytes: Uint8Array): void {
    if (at === 0) this.running = { hash: createHash("sha256"), size: 0 };
    if (this.running?.size !== at) this.running = undefined;
    if (this.running === undefined) return;
    this.running.hash.update(bytes);
    this.running.size += bytes.length;
  }

  private async writeAll(at: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      done += (await this.handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
  }

  private async settle(): Promise<void> {
    await Promise.all(this.writes);
    if (this.failure !== undefined) throw this.failure;
  }

  private async hashOf(from: number, end: number): Promise<Hash> {
    const hash = createHash("sha256");
    const buffer = new Uint8Array(readBytes);
    try {
      for (let at = from; at < end; ) {
        const { bytesRead } = await this.handle.read(buffer, 0, Math.min(readBytes, end - at), at);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
    } catch (cause) {
      throw diskError(cause, "read", this.file);
    }
    return hash;
  }
}
