/** The contents of pages that a run has at hand anyway: those of its drives. A snapshot of the start need not keep them again. */
import { equalBytes } from "../../core/bytes.ts";
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

/** Whether two contents of pages are the same, which is asked of whole memories. */
export function equalContents(a: Uint8Array, b: Uint8Array): boolean {
  const [first, second] = [wordsOf(a), wordsOf(b)];
  if (first === undefined || second === undefined || first.length !== second.length) return equalBytes(a, b);
  let at = 0;
  while (at < first.length && first[at] === second[at]) at++;
  return at === first.length;
}

function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array | undefined {
  return byteOffset % 4 === 0 && length % 4 === 0 ? new Int32Array(buffer, byteOffset, length / 4) : undefined;
}
