/**
 * Room for contents of pages and their nodes, in blocks that are filled again when contents are gone: nothing waits for the
 * collector.
 */
import { hashBytes, pageBytes } from "../../merkle/hasher.ts";

const pagesPerBlock = 256;

export class PageSlots {
  private readonly blocks: Uint8Array[] = [];
  private readonly nodes: Uint8Array[] = [];
  private readonly free: number[] = [];

  /** Keeps a copy of 4 KiB and of their node. @returns the slot */
  put(content: Uint8Array, node: Uint8Array): number {
    if (this.free.length === 0) this.grow();
    const slot = this.free.pop()!;
    this.at(slot).set(content);
    this.nodes[Math.floor(slot / pagesPerBlock)]!.set(node, (slot % pagesPerBlock) * hashBytes);
    return slot;
  }

  /** Whether the node at a place of `nodes` is that of the slot. */
  hasNode(slot: number, nodes: Uint8Array, place: number): boolean {
    const kept = this.nodes[Math.floor(slot / pagesPerBlock)]!;
    const [at, other] = [(slot % pagesPerBlock) * hashBytes, place * hashBytes];
    for (let i = 0; i < hashBytes; i++) if (kept[at + i] !== nodes[other + i]) return false;
    return true;
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
    this.nodes.push(new Uint8Array(pagesPerBlock * hashBytes));
    for (let slot = first + pagesPerBlock - 1; slot >= first; slot--) this.free.push(slot);
  }
}
