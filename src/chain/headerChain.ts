import type { BlockId, KnownBlock } from "./blocks.ts";

/** Blocks without gaps, each linked to the one before it. */
export class HeaderChain<Block extends KnownBlock = KnownBlock> {
  private blocks: Block[] = [];
  private readonly hashes = new Set<string>();

  get head(): Block | undefined {
    return this.blocks.at(-1);
  }

  get lowest(): Block | undefined {
    return this.blocks[0];
  }

  has(hash: string): boolean {
    return this.hashes.has(hash);
  }

  at(number: number): Block | undefined {
    return this.blocks[number - (this.lowest?.number ?? 0)];
  }

  /** INVARIANT: the first of them is the child of the head, if there is one, and each of the others of the one before it. */
  append(blocks: readonly Block[]): void {
    for (const block of blocks) {
      this.blocks.push(block);
      this.hashes.add(block.hash);
    }
  }

  /** Forgets the blocks above a number. */
  cut(number: number): void {
    while (this.head !== undefined && this.head.number > number) this.hashes.delete(this.blocks.pop()!.hash);
  }

  /** Forgets the blocks below a number. */
  trim(number: number): void {
    const count = Math.min(this.blocks.length, Math.max(0, number - (this.lowest?.number ?? 0)));
    // Seldom and many at once: the array is copied.
    if (count < 256) return;
    for (const { hash } of this.blocks.splice(0, count)) this.hashes.delete(hash);
  }

  clear(): void {
    this.blocks = [];
    this.hashes.clear();
  }
}

export function isChildOf(block: KnownBlock, parent: BlockId): boolean {
  return block.parentHash === parent.hash && block.number === parent.number + 1;
}
