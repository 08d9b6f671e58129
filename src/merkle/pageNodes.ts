/**
 * The nodes of all pages of a memory, in chunks that several such lists have in common: a copy costs next to nothing, and
 * what is equal in two of them is mostly known without looking.
 */
import { checkSame } from "./errors.ts";
import { hashBytes } from "./hasher.ts";

const mostPerChunk = 512;
const hashWords = hashBytes / 4;

/** A list of page nodes that is not to be written to; the one it was copied from may be. */
export type ReadonlyPageNodes = Omit<PageNodes, "writable" | "set" | "assign">;

export class PageNodes {
  /** Number of pages, or one more. */
  readonly pages: number;
  /** Pages in a chunk. */
  readonly perChunk: number;
  private readonly chunks: Uint8Array[];
  /** Whether a chunk belongs to this list alone. */
  private readonly own: Uint8Array;

  private constructor(pages: number, perChunk: number, chunks: Uint8Array[]) {
    this.pages = pages;
    this.perChunk = perChunk;
    this.chunks = chunks;
    this.own = new Uint8Array(chunks.length);
  }

  /** The list of so many pages that are all zero. @param zero the node of one. */
  static zeros(pages: number, zero: Uint8Array): PageNodes {
    const even = pages === 1 ? 1 : pages + (pages % 2);
    const perChunk = Math.min(even, mostPerChunk);
    const chunk = repeated(zero, perChunk);
    return new PageNodes(even, perChunk, new Array<Uint8Array>(Math.ceil(even / perChunk)).fill(chunk));
  }

  /** A list of the same nodes: neither of the two sees what is written to the other. */
  copy(): PageNodes {
    this.own.fill(0);
    return new PageNodes(this.pages, this.perChunk, this.chunks.slice());
  }

  /** Makes this list equal to another one of the same size. */
  assign(other: PageNodes): void {
    checkSame("pages", this.pages, other.pages);
    for (const [i, chunk] of other.chunks.entries()) this.chunks[i] = chunk;
    this.own.fill(0);
    other.own.fill(0);
  }

  /** 32 bytes, not to be written to. */
  at(page: number): Uint8Array {
    const from = (page % this.perChunk) * hashBytes;
    return this.chunks[Math.floor(page / this.perChunk)]!.subarray(from, from + hashBytes);
  }

  /** Writes the node at a place of `nodes` to that of a page. */
  set(page: number, nodes: Uint8Array, place: number): void {
    const chunk = this.writable(Math.floor(page / this.perChunk));
    const [to, from] = [(page % this.perChunk) * hashBytes, place * hashBytes];
    for (let i = 0; i < hashBytes; i++) chunk[to + i] = nodes[from + i]!;
  }

  /** The nodes of the pages from `number * perChunk` on, to be written to until the list is copied. */
  writable(number: number): Uint8Array {
    if (this.own[number] === 0) {
      this.chunks[number] = this.chunks[number]!.slice();
      this.own[number] = 1;
    }
    return this.chunks[number]!;
  }

  /** Numbers of the pages whose nodes differ from those of a list of the same size, ascending. */
  differing(other: ReadonlyPageNodes): Uint32Array {
    checkSame("pages", this.pages, other.pages);
    const pages: number[] = [];
    for (const [number, chunk] of this.chunks.entries()) {
      const others = (other as PageNodes).chunks[number]!;
      if (chunk === others) continue;
      const [first, second] = [wordsOf(chunk), wordsOf(others)];
      for (let at = 0; at < first.length; at += hashWords) {
        let difference = 0;
        for (let i = at; i < at + hashWords; i++) difference |= first[i]! ^ second[i]!;
        if (difference !== 0) pages.push(number * this.perChunk + at / hashWords);
      }
    }
    return Uint32Array.from(pages);
  }
}

function wordsOf(nodes: Uint8Array): Int32Array {
  return new Int32Array(nodes.buffer, nodes.byteOffset, nodes.length / 4);
}

function repeated(node: Uint8Array, count: number): Uint8Array {
  const nodes = new Uint8Array(count * hashBytes);
  for (let at = 0; at < nodes.length; at += hashBytes) nodes.set(node, at);
  return nodes;
}
