import { createHash } from "node:crypto";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { badObject, type GitObject } from "../../source/gitObjects.ts";
import { GitObjects } from "../../source/node/gitObjectReader.ts";
import type { GitSettings } from "../../source/node/gitProcess.ts";
import type { ObjectId } from "../ids.ts";
import type { Objects } from "../objects.ts";

/** Bytes of one object. A process of git is asked for four times as many, all objects together. */
const capacity = 2 ** 24;
/** Objects that are damaged or too large, each of which ends a process of git. */
const mostBroken = 1024;

/**
 * The objects of a storage, through git, for as long as one run of git may take. One that is damaged or too large does not keep
 * others from being read.
 */
export class StoredObjects implements Objects {
  private reader: GitObjects | undefined;
  private readonly endsAt: number;
  private broken = 0;
  /** Bytes that the process of git has delivered, and objects that it still owes. */
  private delivered = 0;
  private owed = 0;

  constructor(
    private readonly gitDirectory: string,
    private readonly settings: GitSettings,
  ) {
    this.endsAt = performance.now() + settings.timeoutSeconds * 1000;
  }

  async read(id: ObjectId): Promise<GitObject> {
    // Whatever comes next fits.
    if (this.owed === 0 && this.delivered > capacity) this.close();
    const reader = this.reader ?? this.open();
    this.owed++;
    try {
      const object = await reader.read(id);
      this.delivered += object.content.length;
      return object;
    } catch (error) {
      if (reader.isBroken && this.reader === reader && ++this.broken < mostBroken) this.reader = undefined;
      // Git ends where it cannot make sense of an object.
      if (isAssayError(error, "source/git-fault")) throw badObject(id, `cannot be read: ${error.message}`, error);
      throw error;
    } finally {
      this.owed--;
    }
  }

  close(): void {
    this.reader?.stop();
    this.reader = undefined;
  }

  private open(): GitObjects {
    const timeoutSeconds = (this.endsAt - performance.now()) / 1000;
    if (timeoutSeconds <= 0) {
      const message = `the storage ${this.gitDirectory} was not read within ${this.settings.timeoutSeconds} seconds`;
      throw new AssayError("source/git-timeout-fault", message, { timeoutSeconds: this.settings.timeoutSeconds });
    }
    this.reader = new GitObjects(this.gitDirectory, capacity, sha1, { ...this.settings, timeoutSeconds });
    this.delivered = 0;
    return this.reader;
  }
}

function sha1(type: string, content: Uint8Array): ObjectId {
  return createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");
}
