/**
 * A positional tree of fixed depth over 128-byte leaves. It stores nodes from page level (4 KiB) up and for the pages it
 * has room for; hashes below are recomputed from the bytes, nodes beyond are those of zeros. The bytes stay with the caller.
 * Where nothing was ever written it takes address space, not memory.
 */
import type { PageRange } from "./dirtyPages.ts";
import { checkRange, checkSame } from "./errors.ts";
import { type Hasher, hashBytes, leafBytes, pageBytes, pageLevels } from "./hasher.ts";
import { PageNodes, type ReadonlyPageNodes } from "./pageNodes.ts";
import { zeroRoots } from "./zeroRoots.ts";

const leavesPerPage = pageBytes / leafBytes;

export class PageTree {
  /** Levels between leaves and root. */
  readonly depth: number;
  /** Pages the tree has room for; all others are zero. */
  readonly pages: number;
  private readonly hasher: Hasher;
  private readonly zeros: readonly Uint8Array[];
  private readonly leaves: PageNodes;
  /**
   * Nodes of level `pageLevels + 1 + i`, an even number of them, until a level has one. Those that are 32 bytes of zero have
   * not been written: they are roots of zeros.
   */
  private readonly stored: readonly Uint8Array[];
  /** First nodes of the levels above those stored, ending with the root. */
  private readonly top: Uint8Array[] = [];

  /** A tree of zeros. `depth` is from 5 to 40; `byteLength` is what will be covered, at most 128 * 2^depth. */
  constructor(hasher: Hasher, depth: number, byteLength: number) {
    checkRange("depth", depth - pageLevels, 36);
    checkRange("byte length", byteLength, leafBytes * 2 ** depth + 1);
    this.hasher = hasher;
    this.depth = depth;
    this.pages = Math.max(1, Math.ceil(byteLength / pageBytes));
    this.zeros = zeroRoots(hasher, depth);
    this.leaves = PageNodes.zeros(this.pages, this.zeros[pageLevels]!);
    const stored: Uint8Array[] = [];
    for (let count = this.pages; count > 1; ) {
      count = Math.ceil(count / 2);
      stored.push(new Uint8Array((count === 1 ? 1 : count + (count % 2)) * hashBytes));
    }
    this.stored = stored;
    this.fold();
  }

  /** The tree of these bytes. @param content pages that are not known to be zero, ascending; all by default. */
  static of(hasher: Hasher, depth: number, source: Uint8Array, content?: readonly PageRange[]): PageTree {
    const tree = new PageTree(hasher, depth, source.length);
    for (const range of content ?? [{ first: 0, end: tree.pages }]) tree.update(source, nonZeroPages(source, range));
    return tree;
  }

  /** 32 bytes, not to be written to. */
  get root(): Uint8Array {
    return this.node(this.depth, 0);
  }

  /** Nodes of all pages, and perhaps one of a zero page. Updates show in it, not in its copies. */
  get pageNodes(): ReadonlyPageNodes {
    return this.leaves;
  }

  /** Rehashes the given pages of `source` (ascending numbers, each once) and the nodes above them, level by level. */
  update(source: Uint8Array, dirty: Uint32Array): void {
    this.write(dirty, (pages, first, nodes) => {
      this.hasher.hashPagesAt(source.subarray(first * pageBytes), pages, nodes);
    });
  }

  /**
   * Takes over the nodes of pages that somebody has hashed, and hashes those above them.
   * @param nodes of the pages from `first` on, 32 bytes each.
   */
  adopt(first: number, nodes: Uint8Array): void {
    const pages = Uint32Array.from({ length: nodes.length / hashBytes }, (_, i) => first + i);
    this.write(pages, (numbers, base, to) => {
      const from = (base + numbers[0]! - first) * hashBytes;
      to.set(nodes.subarray(from, from + numbers.length * hashBytes), numbers[0]! * hashBytes);
    });
  }

  /** Makes this tree equal to another one of the same size. */
  copyFrom(other: PageTree): void {
    checkSame("depth", this.depth, other.depth);
    checkSame("pages", this.pages, other.pages);
    this.leaves.assign(other.leaves);
    for (const [i, nodes] of this.stored.entries()) nodes.set(other.stored[i]!);
    this.fold();
  }

  /** The node at `index` of `level`, from page level on: the root of 2^level leaves. Not to be written to. */
  node(level: number, index: number): Uint8Array {
    checkRange("level", level - pageLevels, this.depth - pageLevels + 1);
    checkRange("index", index, 2 ** (this.depth - level));
    if (level === pageLevels) return index < this.leaves.pages ? this.leaves.at(index) : this.zeros[level]!;
    const row = level - pageLevels - 1;
    const nodes = this.stored[row];
    if (nodes === undefined) return index === 0 ? this.top[row - this.stored.length]! : this.zeros[level]!;
    const at = index * hashBytes;
    return at < nodes.length && !isAbsent(nodes, index) ? nodes.subarray(at, at + hashBytes) : this.zeros[level]!;
  }

  /** Siblings of the node at `index` of `level` (from page level on) up to the root, lowest first, in fresh arrays. */
  siblingsOfNode(level: number, index: number): Uint8Array[] {
    checkRange("index", index, 2 ** (this.depth - level));
    const siblings: Uint8Array[] = [];
    for (let at = index; level < this.depth; level++, at = Math.floor(at / 2)) {
      siblings.push(this.node(level, at % 2 === 0 ? at + 1 : at - 1).slice());
    }
    return siblings;
  }

  /** All `depth` siblings of a leaf, lowest first. `source` is what the tree was last updated with. */
  siblings(source: Uint8Array, leaf: number): Uint8Array[] {
    checkRange("leaf", leaf, 2 ** this.depth);
    const page = Math.floor(leaf / leavesPerPage);
    return [...this.siblingsInPage(source, page, leaf % leavesPerPage), ...this.siblingsOfNode(pageLevels, page)];
  }

  private siblingsInPage(source: Uint8Array, page: number, leaf: number): Uint8Array[] {
    const bytes = new Uint8Array(pageBytes);
    bytes.set(source.subarray(page * pageBytes, (page + 1) * pageBytes));
    const siblings: Uint8Array[] = [];
    let nodes = this.hasher.hashLeaves(bytes);
    for (let at = leaf, count = leavesPerPage; count > 1; at >>= 1, count >>= 1) {
      siblings.push(nodes.slice((at ^ 1) * hashBytes, ((at ^ 1) + 1) * hashBytes));
      const parents = new Uint8Array((count / 2) * hashBytes);
      this.hasher.hashNodesAt(nodes, firstIntegers(count / 2), parents);
      nodes = parents;
    }
    return siblings;
  }

  /**
   * Writes nodes of pages, and hashes those above them.
   * @param put writes those of a chunk, whose first page is given; numbers of pages are relative to it.
   */
  private write(dirty: Uint32Array, put: (pages: Uint32Array, first: number, nodes: Uint8Array) => void): void {
    if (dirty.length === 0) return;
    checkRange("page", dirty[dirty.length - 1]!, this.pages);
    const { perChunk } = this.leaves;
    for (let start = 0, end = 0; start < dirty.length; start = end) {
      const chunk = Math.floor(dirty[start]! / perChunk);
      const first = chunk * perChunk;
      while (end < dirty.length && dirty[end]! < first + perChunk) end++;
      const pages = dirty.slice(start, end);
      for (let i = 0; i < pages.length; i++) pages[i]! -= first;
      const nodes = this.leaves.writable(chunk);
      put(pages, first, nodes);
      const above = this.stored[0]?.subarray((first / 2) * hashBytes);
      if (above !== undefined) this.hasher.hashNodesAt(nodes, parentsOf(pages), above);
    }
    let changed = parentsOf(dirty);
    for (let i = 1; i < this.stored.length; i++) {
      const below = this.stored[i - 1]!;
      for (const index of changed)
        if (isAbsent(below, index ^ 1)) below.set(this.zeros[pageLevels + i]!, (index ^ 1) * hashBytes);
      changed = parentsOf(changed);
      this.hasher.hashNodesAt(below, changed, this.stored[i]!);
    }
    this.fold();
  }

  private fold(): void {
    const stored = this.stored.length;
    let node = this.node(pageLevels + stored, 0);
    const first = pageLevels + stored + 1;
    for (let level = first; level <= this.depth; level++) {
      node = this.hasher.hashPair(node, this.zeros[level - 1]!);
      this.top[level - first] = node;
    }
  }
}

/** Numbers of the 4 KiB pages that hold anything but zeros, ascending. @param range of the pages that are looked at. */
export function nonZeroPages(source: Uint8Array, range?: PageRange): Uint32Array {
  const pages: number[] = [];
  const aligned = source.byteOffset % 4 === 0 && source.length % 4 === 0;
  const view = aligned ? new Int32Array(source.buffer, source.byteOffset, source.length / 4) : source;
  const perPage = pageBytes / view.BYTES_PER_ELEMENT;
  const last = Math.min(view.length, (range?.end ?? Number.POSITIVE_INFINITY) * perPage);
  for (let start = (range?.first ?? 0) * perPage; start < last; start += perPage) {
    const end = Math.min(start + perPage, last);
    let at = start;
    while (at < end && view[at] === 0) at++;
    if (at < end) pages.push(start / perPage);
  }
  return Uint32Array.from(pages);
}

/** Numbers of the pages marked with anything but 0, ascending. */
export function markedPages(marks: Uint8Array): Uint32Array {
  const pages: number[] = [];
  for (let page = 0; page < marks.length; page++) if (marks[page] !== 0) pages.push(page);
  return Uint32Array.from(pages);
}

function parentsOf(indices: Uint32Array): Uint32Array {
  const parents = new Uint32Array(indices.length);
  let count = 0;
  for (const index of indices) {
    const parent = index >>> 1;
    if (count === 0 || parents[count - 1] !== parent) parents[count++] = parent;
  }
  return parents.subarray(0, count);
}

function firstIntegers(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

function isAbsent(nodes: Uint8Array, index: number): boolean {
  for (let at = index * hashBytes; at < (index + 1) * hashBytes; at++) if (nodes[at] !== 0) return false;
  return true;
}
