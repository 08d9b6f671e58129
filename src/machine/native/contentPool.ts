/**
 * Contents of pages that several snapshots beside the chain have in common. Snapshots of one tick, and those of the starts of
 * ticks, differ from what they are relative to in mostly the same pages, most of which differ in the same way.
 */
import { hashBytes, pageBytes } from "../../merkle/hasher.ts";
import { PageSlots } from "./pageSlots.ts";
import type { PageChanges } from "./snapshot.ts";

interface Content {
  readonly page: number;
  readonly slot: number;
  /** How many snapshots have it. */
  uses: number;
}

export class ContentPool {
  /** Of each page, the content that was taken last. */
  private readonly latest = new Map<number, Content>();
  private readonly held = new WeakMap<PageChanges, readonly Content[]>();
  private readonly slots = new PageSlots();
  private count = 0;

  /** Bytes of all contents that some snapshot has. */
  get bytes(): number {
    return this.count * (pageBytes + hashBytes);
  }

  /** Changes with the contents that these pages have in `memory`. @param nodes of the pages, 32 bytes each. */
  take(pages: Uint32Array, nodes: Uint8Array, memory: Uint8Array): PageChanges {
    const contents = Array.from(pages, (page, i) => {
      const known = this.latest.get(page);
      const isKnown = known !== undefined && this.slots.hasNode(known.slot, nodes, i);
      const content = isKnown
        ? known
        : this.newContent(page, nodes.subarray(i * hashBytes, (i + 1) * hashBytes), memory);
      content.uses++;
      return content;
    });
    const changes: PageChanges = { pages, nodes, content: (position) => this.bytesOf(contents[position]) };
    this.held.set(changes, contents);
    return changes;
  }

  /** Says that a snapshot with these changes is gone. */
  release(changes: PageChanges): void {
    for (const content of this.held.get(changes) ?? []) {
      content.uses--;
      if (content.uses > 0) continue;
      this.count--;
      this.slots.release(content.slot);
      if (this.latest.get(content.page) === content) this.latest.delete(content.page);
    }
    this.held.delete(changes);
  }

  /** Undefined for what no snapshot has any more: its slot may hold something else. */
  private bytesOf(content: Content | undefined): Uint8Array | undefined {
    return content === undefined || content.uses === 0 ? undefined : this.slots.at(content.slot);
  }

  private newContent(page: number, node: Uint8Array, memory: Uint8Array): Content {
    const slot = this.slots.put(memory.subarray(page * pageBytes, (page + 1) * pageBytes), node);
    const content = { page, slot, uses: 0 };
    this.latest.set(page, content);
    this.count++;
    return content;
  }
}
