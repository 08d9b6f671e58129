import { AssayError } from "../core/errors.ts";
import { type Decompress, decompressStream } from "./decompress.ts";
import type { Difference, NotLookedInto } from "./difference.ts";
import type { DiffLimits } from "./limits.ts";

/** A comparison under way: what it has found, and what it may still take. */
export class DiffRun {
  readonly differences: Difference[] = [];
  readonly notLookedInto: NotLookedInto[] = [];
  private readonly deadline: number;
  private bytes = 0;
  private entries = 0;

  constructor(
    readonly limits: DiffLimits,
    /** How archives are decompressed here. */
    readonly decompress: Decompress = decompressStream,
  ) {
    this.deadline = performance.now() + limits.milliseconds;
  }

  /** @throws AssayError `diff/stopped` when as many are found as are listed. */
  add(difference: Difference): void {
    if (this.differences.length === this.limits.differences)
      throw stopped(`only ${this.differences.length} are listed`);
    this.differences.push(difference);
  }

  /** @throws AssayError `diff/stopped` as `add` does. */
  passOver(path: string, why: string): void {
    if (this.notLookedInto.length === this.limits.differences) throw stopped("too much is not looked into");
    this.notLookedInto.push({ path, why });
  }

  /** Bytes that may still be unpacked. */
  get bytesLeft(): number {
    return this.limits.unpackedBytes - this.bytes;
  }

  unpacked(bytes: number): void {
    this.bytes += bytes;
  }

  /** @throws AssayError `diff/refused` when there are more entries than are looked at. */
  countEntry(): void {
    this.entries++;
    if (this.entries > this.limits.entries)
      throw refused(`there are more than ${this.limits.entries} entries in archives`);
    this.checkTime();
  }

  /** @throws AssayError `diff/stopped` when the time is over. */
  checkTime(): void {
    if (performance.now() > this.deadline) throw stopped(`it took more than ${this.limits.milliseconds / 1000} s`);
  }
}

/** The error for a file that is not looked into. @param why the end of a sentence. */
export function refused(why: string, cause?: unknown): AssayError<"diff/refused"> {
  return new AssayError("diff/refused", `not looked into: ${why}`, { why }, { cause });
}

function stopped(why: string): AssayError<"diff/stopped"> {
  return new AssayError("diff/stopped", `the comparison was stopped: ${why}`, { why });
}
