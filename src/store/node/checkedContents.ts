import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { ContentId } from "../contentId.ts";
import { contentFile } from "./directoryStore.ts";

/** A file that has been hashed to its name; `handle` is the reader's to close. */
export interface CheckedContent {
  readonly handle: FileHandle;
  readonly size: number;
}

/** A file as it was when it was hashed, and whether it was what its name says. */
interface Check {
  readonly print: string;
  readonly right: Promise<boolean>;
}

/** Most files whose check is remembered. */
const mostChecks = 10_000;

/** The files of a directory store, for reading only: each is hashed before it is first given out, and after each change. */
export class CheckedContents {
  private readonly checks = new Map<ContentId, Check>();

  /** @param onCorrupt called once for a file that is not what its name says. */
  constructor(
    private readonly folder: string,
    private readonly maxBytes: number,
    private readonly onCorrupt: (file: string) => void,
  ) {}

  /** @returns undefined if there is no such file, if it is damaged, or larger than what is given out. */
  async open(id: ContentId): Promise<CheckedContent | undefined> {
    const file = contentFile(this.folder, id);
    const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (handle === undefined) return undefined;
    let given = false;
    try {
      const facts = await handle.stat();
      const { size, ino, mtimeMs, ctimeMs } = facts;
      if (!facts.isFile() || size > this.maxBytes) return undefined;
      const print = [size, ino, mtimeMs, ctimeMs].join(" ");
      given = await this.check(id, print, file, handle);
      return given ? { handle, size } : undefined;
    } finally {
      if (!given) await handle.close();
    }
  }

  private async check(id: ContentId, print: string, file: string, handle: FileHandle): Promise<boolean> {
    const known = this.checks.get(id);
    if (known?.print === print) return await known.right;
    const right = hashOf(handle).then((hash) => {
      if (`sha256:${hash}` !== id) this.onCorrupt(file);
      return `sha256:${hash}` === id;
    });
    this.checks.delete(id);
    this.checks.set(id, { print, right });
    if (this.checks.size > mostChecks) this.checks.delete(this.checks.keys().next().value!);
    right.catch(() => this.checks.delete(id));
    return await right;
  }
}

async function hashOf(handle: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(2 ** 18);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
