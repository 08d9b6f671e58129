/** The contents of pages that a run has at hand anyway: those of its drives. A snapshot of the start need not keep them again. */
import { equalBytes } from "../../core/bytes.ts";
import type { PageRange } from "../../merkle/dirtyPages.ts";
import { pageBytes } from "../../merkle/hasher.ts";
import type { DriveImage } from "../program.ts";

/** A memory, and its pages that never change: what drives put there can be read from it. */
export interface FixedMemory {
  readonly ranges: readonly PageRange[];
  memory(): Uint8Array;
}

interface Place {
  readonly address: number;
  readonly end: number;
  /** Undefined: it is in memory. */
  readonly bytes: Uint8Array | undefined;
}

export class DriveContents {
  private readonly places: readonly Place[];
  private readonly worked: () => void;
  private readonly fixed: FixedMemory | undefined;

  /**
   * @param worked told of each content that is asked for.
   * @param fixed makes it need the contents no longer of drives that are in fixed regions.
   */
  constructor(drives: readonly DriveImage[], worked: () => void = () => {}, fixed?: FixedMemory) {
    this.worked = worked;
    this.fixed = fixed;
    this.places = drives.map(({ address, bytes }) => {
      const end = address + bytes.length;
      const isFixed = fixed?.ranges.some((range) => range.first * pageBytes <= address && end <= range.end * pageBytes);
      return { address, end, bytes: isFixed ? undefined : bytes };
    });
  }

  /** 4 KiB of the drive that begins at or before this page and has bytes in it; undefined where there is none. */
  content(page: number): Uint8Array | undefined {
    this.worked();
    const address = page * pageBytes;
    const place = this.places.find((each) => each.address <= address && address < each.end);
    if (place === undefined) return undefined;
    if (place.bytes === undefined) return this.fixed!.memory().subarray(address, address + pageBytes);
    const from = address - place.address;
    const bytes = place.bytes.subarray(from, from + pageBytes);
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
