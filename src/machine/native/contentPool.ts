/**
 * Contents of pages that several snapshots beside the chain have in common. Snapshots of one tick, and those of the starts of
 * ticks, differ from what they are relative to in mostly the same pages, most of which differ in the same way.
 */
import { hashBytes, pageBytes } from "../../merkle/hasher.ts";
import type { PageChanges } from "./snapshot.ts";

interface Content {
  readonly page: number;
  readonly node: Uint8Array;
  readonly bytes: Uint8Array;
  /** How many snapshots have it. */
  uses: number;
}

export class ContentPool {
  /** Of each page, the content that was taken last. */
  private readonly latest = new Map<number, Content>();
  private readonly held = new WeakMap<PageChanges, readonly Content[]>();
  private count = 0;

  /** Bytes of all contents that some snapshot has. */
  get bytes(): number {
    return this.count * (pageBytes + hashBytes);
  }

  /** Changes with the contents that these pages have in `memory`. @param nodes of the pages, 32 bytes each. */
  take(pages: Uint32Array, nodes: Uint8Array, memory: Uint8Array): PageChanges {
    const contents = Array.from(pages, (page, i) => {
      const node = nodes.subarray(i * hashBytes, (i + 1) * hashBytes);
      const known = this.latest.get(page);
      const content = known !== undefined && equal(known.node, node) ? known : this.newContent(page, node, memory);
      content.uses++;
      return content;
    });
    const changes: PageChanges = { pages, nodes, content: (position) => contents[position]?.bytes };
    this.held.set(changes, contents);
    return changes;
  }

  /** Says that a snapshot with these changes is gone. */
  release(changes: PageChanges): void {
    for (const content of this.held.get(changes) ?? []) {
      content.uses--;
      if (content.uses > 0) continue;
      this.count--;
      if (this.latest.get(content.page) === content) this.latest.delete(content.page);
    }
    this.held.delete(changes);
  }

  private newContent(page: number, node: Uint8Array, memory: Uint8Array): Content {
    const bytes = memory.slice(page * pageBytes, (page + 1) * pageBytes);
    const content = { page, node: node.slice(), bytes, uses: 0 };
    this.latest.set(page, content);
    this.count++;
    return content;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < hashBytes; i++) if (a[i] !== b[i]) return false;
  return true;
}
