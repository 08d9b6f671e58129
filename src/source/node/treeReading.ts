import { AssayError } from "../../core/errors.ts";
import { tooLarge } from "../drive.ts";
import { maxTreeEntries, tooManyEntries } from "../paths.ts";
import { GitObjects } from "./gitObjectReader.ts";
import type { GitSettings } from "./gitProcess.ts";
import { hashOf } from "./gitRepository.ts";
import type { ReadTreeOptions } from "./sourceReader.ts";

/** Larger contents are read when they are needed. */
const mostKept = 2 ** 20;
/** Bytes of contents that are kept in memory, all together. */
const mostKeptTogether = 2 ** 26;
/** Submodules of a source, nested ones too. */
const mostSubmodules = 256;

/** One source being read, out of one or several repositories: what it may take, and what has to be ended with it. */
export class TreeReading {
  readonly settings: GitSettings;
  private readonly opened = new Map<string, GitObjects>();
  private entries = 0;
  private bytes = 0;
  private kept = 0;
  private repositories = 0;

  constructor(readonly options: ReadTreeOptions) {
    const { environment, timeoutSeconds, signal } = options;
    this.settings = { environment, timeoutSeconds, ...(signal === undefined ? {} : { signal }) };
  }

  /** The objects of the repository that a commit is in. */
  objectsOf(gitDirectory: string, commit: string): GitObjects {
    const known = this.opened.get(gitDirectory);
    if (known !== undefined) return known;
    const objects = new GitObjects(gitDirectory, this.options.capacity, hashOf(commit), this.settings);
    this.opened.set(gitDirectory, objects);
    return objects;
  }

  /** Directories count too: nested trees can name the same few objects exponentially often. */
  countEntry(): void {
    if (++this.entries > maxTreeEntries) throw tooManyEntries();
  }

  countBytes(size: number): void {
    this.bytes += size;
    if (this.bytes > this.options.capacity) throw tooLarge(this.bytes, this.options.capacity);
  }

  countSubmodule(path: string): void {
    if (++this.repositories > mostSubmodules) {
      throw new AssayError("source/bad-submodule", `the source has more than ${mostSubmodules} submodules`, { path });
    }
  }

  /** Whether a content of this size is read at once and kept. Small ones always are. */
  keeps(size: number): boolean {
    if (size <= 1024) return true;
    if (size > mostKept || this.kept + size > mostKeptTogether) return false;
    this.kept += size;
    return true;
  }

  /** Nothing can be read any more. */
  close(): void {
    for (const objects of this.opened.values()) objects.stop();
  }
}
