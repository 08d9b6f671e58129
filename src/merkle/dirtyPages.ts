/** Finds the pages of a memory that changed since the last look, without a second copy of it. */
import { pageBytes } from "./hasher.ts";
import { fingerprintBytes, type KeccakKernel, type PageFingerprints } from "./keccakKernel.ts";

/** Fingerprints taken at a time. */
const pagesAtATime = 256;
const wordsPerFingerprint = fingerprintBytes / 4;

/**
 * Remembers a 128-bit fingerprint of each page under the kernel's secret key. A change escapes `find` with probability at
 * most 2^-64, whatever data the program picks, as long as nothing derived from the key reaches it (`README.md`).
 */
export class DirtyPages {
  private readonly fingerprints: PageFingerprints;
  /** Pages of 4 KiB. */
  readonly pages: number;
  private readonly known: Uint32Array;
  private readonly fresh = new Uint32Array(pagesAtATime * wordsPerFingerprint);
  private readonly freshBytes = new Uint8Array(this.fresh.buffer);

  /** Looks at the first bytes of this memory, whole pages of it, and takes zeros as known in all of them. */
  constructor(kernel: KeccakKernel, memory: WebAssembly.Memory, byteLength = memory.buffer.byteLength) {
    this.fingerprints = kernel.fingerprintsOf(memory);
    this.pages = byteLength / pageBytes;
    this.known = new Uint32Array(this.pages * wordsPerFingerprint);
    const zero = new Uint8Array(fingerprintBytes);
    kernel.fingerprintsOf(new WebAssembly.Memory({ initial: 1 })).take(0, 1, zero);
    const words = new Uint32Array(zero.buffer);
    for (let i = 0; i < this.known.length; i++) this.known[i] = words[i % wordsPerFingerprint]!;
  }

  /** Takes the content of these pages as known. */
  learn(pages: Uint32Array): void {
    const fingerprint = this.freshBytes.subarray(0, fingerprintBytes);
    for (const page of pages) {
      this.fingerprints.take(page, 1, fingerprint);
      this.known.set(this.fresh.subarray(0, wordsPerFingerprint), page * wordsPerFingerprint);
    }
  }

  /** Numbers of the 4 KiB pages that differ from what the last call saw, ascending; they become known. */
  find(): Uint32Array {
    const { known, fresh } = this;
    const dirty: number[] = [];
    for (let first = 0; first < this.pages; first += pagesAtATime) {
      const count = Math.min(pagesAtATime, this.pages - first);
      this.fingerprints.take(first, count, this.freshBytes);
      for (let i = 0; i < count; i++) {
        const at = (first + i) * wordsPerFingerprint;
        const from = i * wordsPerFingerprint;
        let difference = 0;
        for (let word = 0; word < wordsPerFingerprint; word++) difference |= known[at + word]! ^ fresh[from + word]!;
        if (difference !== 0) dirty.push(first + i);
      }
      known.set(fresh.subarray(0, count * wordsPerFingerprint), first * wordsPerFingerprint);
    }
    return Uint32Array.from(dirty);
  }
}
