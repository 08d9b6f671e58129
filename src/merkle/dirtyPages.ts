/** Finds the pages of a memory that changed since the last look, without a second copy of it. */
import { pageBytes } from "./hasher.ts";
import { fingerprintBytes, type KeccakKernel, type PageFingerprints } from "./keccakKernel.ts";

/** Fingerprints taken at a time. */
const pagesAtATime = 256;
const wordsPerFingerprint = fingerprintBytes / 4;

/** Neighbouring pages of a memory. */
export interface PageRange {
  readonly first: number;
  /** The first page behind them. */
  readonly end: number;
}

/**
 * Remembers a 128-bit fingerprint of each page under the kernel's secret key. A change escapes `find` with probability at
 * most 2^-64, whatever data the program picks, as long as nothing derived from the key reaches it (`README.md`).
 */
export class DirtyPages {
  private readonly fingerprints: PageFingerprints;
  /** Pages of 4 KiB. */
  readonly pages: number;
  /** What `find` does not look at, ascending. */
  fixed: readonly PageRange[];
  /** What differs from the fingerprint of a zero page: pages that stay zero take address space, not memory. */
  private readonly known: Uint32Array;
  private readonly zero = new Uint32Array(wordsPerFingerprint);
  private readonly fresh = new Uint32Array(pagesAtATime * wordsPerFingerprint);
  private readonly freshBytes = new Uint8Array(this.fresh.buffer);

  /**
   * Looks at the first bytes of this memory, whole pages of it, and takes zeros as known in all of them.
   * @param fixed what `find` does not look at, ascending.
   */
  constructor(
    kernel: KeccakKernel,
    memory: WebAssembly.Memory,
    byteLength = memory.buffer.byteLength,
    fixed: readonly PageRange[] = [],
  ) {
    this.fingerprints = kernel.fingerprintsOf(memory);
    this.pages = byteLength / pageBytes;
    this.fixed = fixed;
    this.known = new Uint32Array(this.pages * wordsPerFingerprint);
    kernel.fingerprintsOf(new WebAssembly.Memory({ initial: 1 })).take(0, 1, new Uint8Array(this.zero.buffer));
  }

  /** Takes the content of these pages as known. @param pages ascending. */
  learn(pages: Uint32Array): void {
    for (let start = 0, count = 1; start < pages.length; start += count, count = 1) {
      while (count < pagesAtATime && pages[start + count] === pages[start]! + count) count++;
      this.take(pages[start]!, count, () => {});
    }
  }

  /** Numbers of the pages outside of what is fixed that differ from what the last call saw, ascending; they become known. */
  find(): Uint32Array {
    let from = 0;
    const changed: number[] = [];
    for (const { first, end } of this.fixed) {
      this.look({ first: from, end: first }, changed);
      from = end;
    }
    this.look({ first: from, end: this.pages }, changed);
    return Uint32Array.from(changed);
  }

  /** As `find`, of the pages that are fixed alone. */
  findFixed(): Uint32Array {
    const changed: number[] = [];
    for (const range of this.fixed) this.look(range, changed);
    return Uint32Array.from(changed);
  }

  private look({ first, end }: PageRange, changed: number[]): void {
    const note = (page: number) => void changed.push(page);
    for (let page = first; page < end; page += pagesAtATime) {
      this.take(page, Math.min(pagesAtATime, end - page), note);
    }
  }

  /** Takes the content of neighbouring pages as known, `pagesAtATime` at most. @param changed told of those that were not. */
  private take(first: number, count: number, changed: (page: number) => void): void {
    const { known, fresh } = this;
    const [a, b, c, d] = this.zero as unknown as readonly [number, number, number, number];
    this.fingerprints.take(first, count, this.freshBytes);
    for (let i = 0; i < count; i++) {
      const from = i * wordsPerFingerprint;
      const at = first * wordsPerFingerprint + from;
      const difference =
        (known[at]! ^ fresh[from]! ^ a) |
        (known[at + 1]! ^ fresh[from + 1]! ^ b) |
        (known[at + 2]! ^ fresh[from + 2]! ^ c) |
        (known[at + 3]! ^ fresh[from + 3]! ^ d);
      if (difference === 0) continue;
      for (let word = 0; word < wordsPerFingerprint; word++) known[at + word] = fresh[from + word]! ^ this.zero[word]!;
      changed(first + i);
    }
  }
}
