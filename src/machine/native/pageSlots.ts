/** Room for the contents of pages, in blocks that are filled again when contents are gone: nothing waits for the collector. */
import { pageBytes } from "../../merkle/hasher.ts";

const pagesPerBlock = 256;

export class PageSlots {
  private readonly blocks: Uint8Array[] = [];
  private readonly free: number[] = [];

  /** Keeps a copy of 4 KiB. @returns its slot */
  put(content: Uint8Array): number {
    if (this.free.length === 0) this.grow();
    const slot = this.free.pop()!;
    this.at(slot).set(content);
    return slot;
  }

  /** What was put there, until it is released. */
  at(slot: number): Uint8Array {
    const from = (slot % pagesPerBlock) * pageBytes;
    return this.blocks[Math.floor(slot / pagesPerBlock)]!.subarray(from, from + pageBytes);
  }

  release(slot: number): void {
    this.free.push(slot);
  }

  private grow(): void {
    const first = this.blocks.length * pagesPerBlock;
    this.blocks.push(new Uint8Array(pagesPerBlock * pageBytes));
    for (let slot = first + pagesPerBlock - 1; slot >= first; slot--) this.free.push(slot);
  }
}
