/**
 * The one state that a native run works on: the engine's own memory, seen as a machine state that the interpreter can step
 * too, with trees that follow it. There is no second copy of the memory.
 */

import type { Root } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { DirtyPages, type PageRange } from "../../merkle/dirtyPages.ts";
import { hashBytes, pageBytes } from "../../merkle/hasher.ts";
import type { KeccakKernel } from "../../merkle/keccakKernel.ts";
import type { ReadonlyPageNodes } from "../../merkle/pageNodes.ts";
import { markedPages, nonZeroPages, PageTree } from "../../merkle/pageTree.ts";
import { depths, memoryPageBytes } from "../layout.ts";
import { type ClaimableProgram, type MemoryImage, startStateOver } from "../program.ts";
import { MachineState } from "../state.ts";
import { StateTree } from "../stateTree.ts";
import type { ContentPool } from "./contentPool.ts";
import { type PagePlan, planOf } from "./pagePlan.ts";
import { placeContent } from "./placeContent.ts";
import { contentOf, type PageChanges, type Snapshot } from "./snapshot.ts";

/** What may have changed in memory since it was hashed: nothing, pages that are marked, or anything. */
type Unhashed = "nothing" | "marked" | "anything";

/** Snapshots whose page nodes are at hand: those that captures are relative to. */
const rememberedNodes = 3;

/** What is known of a memory before anybody has looked at it. */
export interface KnownMemory {
  /** All that may hold anything but zeros at the start and is not hashed, ascending; the whole memory by default. */
  readonly content?: readonly PageRange[];
  /** What no tick writes to, ascending. */
  readonly fixed?: readonly PageRange[];
  /** Pages from `first` on whose nodes somebody has computed. */
  readonly hashed?: readonly { readonly first: number; readonly nodes: Uint8Array }[];
}

export class HashedState {
  private readonly kernel: KeccakKernel;
  private readonly memory: WebAssembly.Memory;
  private readonly memoryTree: PageTree;
  private readonly finder: DirtyPages;
  private readonly program: ClaimableProgram;
  private fixed: readonly PageRange[];
  /** The nodes of the pages when all of them are zero. */
  private readonly zeros: ReadonlyPageNodes;
  private machine: MachineState;
  private tree: StateTree;
  private unhashed: Unhashed = "nothing";
  /** The last snapshot taken or restored. */
  private last: Snapshot | null = null;
  /** The nodes of the pages of a few snapshots, the newest last. */
  private readonly nodesOf = new Map<Snapshot | null, ReadonlyPageNodes>();

  /** The program's start state over this memory, which holds segments and drives. What lies beyond its pages is not looked at. */
  constructor(kernel: KeccakKernel, program: ClaimableProgram, memory: WebAssembly.Memory, known: KnownMemory = {}) {
    this.kernel = kernel;
    this.memory = memory;
    this.program = program;
    this.memoryTree = new PageTree(kernel, depths.memory, program.memoryPages * memoryPageBytes);
    this.machine = startStateOver(memory, program);
    this.zeros = this.memoryTree.pageNodes.copy();
    this.fixed = known.fixed ?? [];
    this.finder = new DirtyPages(kernel, memory, this.machine.memory.length, this.fixed);
    for (const { first, nodes } of known.hashed ?? []) {
      this.finder.learn(Uint32Array.from({ length: nodes.length / hashBytes }, (_, i) => first + i));
      this.memoryTree.adopt(first, nodes);
    }
    for (const range of known.content ?? [{ first: 0, end: this.pages }]) {
      const pages = nonZeroPages(this.machine.memory, range);
      this.finder.learn(pages);
      this.memoryTree.update(this.machine.memory, pages);
    }
    this.tree = new StateTree(kernel, this.machine, { memory: this.memoryTree });
  }

  /**
   * Makes the state the program's start with other content in memory, whatever was run meanwhile. Only pages that do not hold
   * what they shall are written and hashed.
   * @param images segments and drives: all that is in memory.
   */
  restart(images: readonly MemoryImage[], known: Required<Pick<KnownMemory, "content" | "fixed">>): void {
    const trees = this.hashed();
    const { memory } = this.machine;
    // Nobody has looked there since the start: a page that is not what it is taken for must not get into another run.
    this.memoryTree.update(memory, this.finder.findFixed());
    const changed = placeContent(memory, images, known.content, this.memoryTree.pageNodes.differing(this.zeros));
    this.finder.learn(changed);
    this.memoryTree.update(memory, changed);
    this.fixed = known.fixed;
    this.finder.fixed = known.fixed;
    this.nodesOf.clear();
    this.last = null;
    this.machine = startStateOver(this.memory, this.program);
    this.tree = new StateTree(this.kernel, this.machine, {
      memory: this.memoryTree,
      code: trees.treeOf("code"),
      table: trees.treeOf("table"),
    });
  }

  /** Registers, stack and globals may be written to; writes to memory are announced by `memoryChanged` or dirty marks. */
  get state(): MachineState {
    return this.machine;
  }

  /** Pages of 4 KiB. */
  private get pages(): number {
    return this.finder.pages;
  }

  /** The last snapshot taken or restored, if it is still kept. */
  get lastSnapshot(): Snapshot | null {
    return this.last;
  }

  /**
   * Says that the engine ran; the memory's buffer may be another one now.
   * @param written pages that it has written at most; undefined: any.
   */
  engineRan(written?: Uint32Array): void {
    if (written === undefined) this.unhashed = "anything";
    else {
      for (const page of written) this.machine.dirty[page] = 1;
      this.stepped();
    }
    if (this.memory.buffer === this.machine.memory.buffer) return;
    const { registers, stack, globals, table, code, dirty } = this.machine;
    const memory = new Uint8Array(this.memory.buffer, 0, this.pages * pageBytes);
    const arrays = { registers, stack, globals, table, code, memory };
    this.machine = new MachineState(arrays, null, dirty);
    this.tree = new StateTree(this.kernel, this.machine, {
      memory: this.memoryTree,
      code: this.tree.treeOf("code"),
      table: this.tree.treeOf("table"),
    });
  }

  /** Says that steps were executed, or `mutate` called, which mark the pages they write to. */
  stepped(): void {
    if (this.unhashed === "nothing") this.unhashed = "marked";
  }

  /** The trees, brought up to the state as it is now. */
  hashed(): StateTree {
    const { memory, dirty } = this.machine;
    if (this.unhashed === "anything") {
      this.memoryTree.update(memory, this.finder.find());
    } else if (this.unhashed === "marked") {
      const pages = markedPages(dirty);
      this.checkFixed(pages);
      this.finder.learn(pages);
      this.memoryTree.update(memory, pages);
    }
    dirty.fill(0);
    this.unhashed = "nothing";
    this.tree.update();
    return this.tree;
  }

  root(): Root {
    return this.hashed().root();
  }

  /**
   * Looks at what no tick is to write to, and is not looked at otherwise.
   * @throws AssayError `native/fixed-region-changed`
   */
  confirmFixed(): void {
    this.checkFixed(this.finder.findFixed());
  }

  private checkFixed(changed: Uint32Array): void {
    if (this.fixed.length === 0) return;
    const page = changed.find((each) => this.fixed.some(({ first, end }) => first <= each && each < end));
    if (page === undefined) return;
    const address = page * pageBytes;
    throw new AssayError(
      "native/fixed-region-changed",
      `the memory has changed at ${address}, in a region that its environment says is never written to: claim nothing`,
      { address },
    );
  }

  /**
   * The state as it is now, relative to `parent`.
   * @param pool takes the pages' contents; without it they must be read before anything else happens.
   */
  capture(position: Pick<Snapshot, "tick" | "step">, parent: Snapshot | null, pool?: ContentPool): Snapshot {
    const root = this.root();
    const nodes = this.memoryTree.pageNodes;
    const parentNodes = this.nodesOf.get(parent) ?? planOf(parent, this.zeros).nodes;
    this.remember(parent, parentNodes);
    const { registers, stack, globals, memory } = this.machine;
    const snapshot: Snapshot = {
      ...position,
      parent,
      root,
      registers: registers.slice(),
      stack: stack.some((word) => word !== 0) ? stack.slice() : undefined,
      globals: withoutZeroTail(globals),
      changes: changesOf(parentNodes.differing(nodes), nodes, memory, pool),
    };
    // States within a tick are what no capture is relative to, and there are many of them.
    if (position.step === undefined) this.remember(snapshot, nodes.copy());
    this.last = snapshot;
    return snapshot;
  }

  /**
   * Makes the state that of the snapshot, and checks it against its root.
   * @throws AssayError `native/corrupt-snapshot`, with the snapshot at fault; the state is then no state at all
   */
  restore(snapshot: Snapshot): void {
    const nodes = this.write(snapshot);
    if (this.root() !== snapshot.root) throw corrupt(snapshot);
    this.remember(snapshot, nodes);
    this.last = snapshot;
  }

  /**
   * Makes the state that of the snapshot, whose pages are checked by their nodes; its root is for the caller to check.
   * @returns the nodes of all pages
   * @throws AssayError `native/corrupt-snapshot`, with the snapshot at fault; the state is then no state at all
   */
  write(snapshot: Snapshot): ReadonlyPageNodes {
    this.hashed();
    this.unhashed = "anything";
    const { registers, stack, globals, memory } = this.machine;
    const plan = planOf(snapshot, this.zeros);
    const pages = plan.nodes.differing(this.memoryTree.pageNodes);
    for (const page of pages) writePage(memory, page, plan);
    this.finder.learn(pages);
    this.memoryTree.update(memory, pages);
    this.unhashed = "nothing";
    const wrong = plan.nodes.differing(this.memoryTree.pageNodes)[0];
    if (wrong !== undefined) throw corrupt(plan.source(wrong)?.snapshot ?? snapshot);

    registers.set(snapshot.registers);
    globals.fill(0);
    globals.set(snapshot.globals);
    if (snapshot.stack === undefined) stack.fill(0);
    else stack.set(snapshot.stack);
    return plan.nodes;
  }

  /** Forgets a snapshot that is kept no more. */
  forget(snapshot: Snapshot): void {
    this.nodesOf.delete(snapshot);
    if (this.last === snapshot) this.last = null;
  }

  private remember(snapshot: Snapshot | null, nodes: ReadonlyPageNodes): void {
    this.nodesOf.delete(snapshot);
    this.nodesOf.set(snapshot, nodes);
    if (this.nodesOf.size > rememberedNodes) this.nodesOf.delete(this.nodesOf.keys().next().value!);
  }
}

/** The snapshot that a `native/corrupt-snapshot` of `restore` is about. */
export function corruptSnapshotOf({ details }: AssayError<"native/corrupt-snapshot">): Snapshot | undefined {
  return details.snapshot;
}

export function corrupt(snapshot: Snapshot): Error {
  const message = `the snapshot of tick ${snapshot.tick} does not have the content it had`;
  return new AssayError("native/corrupt-snapshot", message, { tick: snapshot.tick, snapshot });
}

function writePage(memory: Uint8Array, page: number, plan: PagePlan): void {
  const source = plan.source(page);
  const at = page * pageBytes;
  if (source === undefined) memory.fill(0, at, at + pageBytes);
  else memory.set(contentOf(source.snapshot, source.position), at);
}

function changesOf(
  pages: Uint32Array,
  allNodes: ReadonlyPageNodes,
  memory: Uint8Array,
  pool: ContentPool | undefined,
): PageChanges {
  const nodes = new Uint8Array(pages.length * hashBytes);
  for (const [i, page] of pages.entries()) {
    nodes.set(allNodes.at(page), i * hashBytes);
  }
  if (pool !== undefined) return pool.take(pages, nodes, memory);
  return { pages, nodes, content: (i) => memory.subarray(pages[i]! * pageBytes, (pages[i]! + 1) * pageBytes) };
}

function withoutZeroTail(words: Int32Array): Int32Array {
  let length = words.length;
  while (length > 0 && words[length - 1] === 0) length--;
  return words.slice(0, length);
}
