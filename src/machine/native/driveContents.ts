/** The contents of pages that a run has at hand anyway: those of its drives. A snapshot of the start need not keep them again. */
import { pageBytes } from "../../merkle/hasher.ts";
import type { DriveImage } from "../program.ts";

export class DriveContents {
  private readonly drives: readonly DriveImage[];
  private readonly worked: () => void;

  /** @param worked told of each content that is asked for. */
  constructor(drives: readonly DriveImage[], worked: () => void = () => {}) {
    this.drives = drives;
    this.worked = worked;
  }

  /** 4 KiB of the drive that begins at or before this page and has bytes in it; undefined where there is none. */
  content(page: number): Uint8Array | undefined {
    this.worked();
    const address = page * pageBytes;
    const drive = this.drives.find((each) => each.address <= address && address < each.address + each.bytes.length);
    if (drive === undefined) return undefined;
    const from = address - drive.address;
    const bytes = drive.bytes.subarray(from, from + pageBytes);
    if (bytes.length === pageBytes) return bytes;
    const filled = new Uint8Array(pageBytes);
    filled.set(bytes);
    return filled;
  }
}
