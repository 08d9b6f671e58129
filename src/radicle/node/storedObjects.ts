import { createHash } from "node:crypto";
import { isAssayError } from "../../core/errors.ts";
import { badObject, type GitObject } from "../../source/gitObjects.ts";
import { GitObjects } from "../../source/node/gitObjectReader.ts";
import type { GitSettings } from "../../source/node/gitProcess.ts";
import type { ObjectId } from "../ids.ts";
import type { Objects } from "../objects.ts";

/** Bytes of one object, and a quarter of what one process of git reads. */
const capacity = 2 ** 26;
/** Processes of git, one after another: each object that breaks one costs one. */
const mostReaders = 16;

/** The objects of a storage, through git. One that is damaged or too large does not keep others from being read. */
export class StoredObjects implements Objects {
  private reader: GitObjects | undefined;
  private readers = 0;

  constructor(
    private readonly gitDirectory: string,
    private readonly settings: GitSettings,
  ) {}

  async read(id: ObjectId): Promise<GitObject> {
    const reader = this.reader ?? this.open();
    try {
      return await reader.read(id);
    } catch (error) {
      if (reader.isBroken && this.reader === reader && this.readers < mostReaders) this.reader = undefined;
      // Git ends where it cannot make sense of an object.
      if (isAssayError(error, "source/git-fault")) throw badObject(id, `cannot be read: ${error.message}`, error);
      throw error;
    }
  }

  close(): void {
    this.reader?.stop();
  }

  private open(): GitObjects {
    this.readers++;
    this.reader = new GitObjects(this.gitDirectory, capacity, sha1, this.settings);
    return this.reader;
  }
}

function sha1(type: string, content: Uint8Array): ObjectId {
  return createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");
}
