/**
 * One step of a state of which only the touched leaves exist: what a witness shows, and nothing else. The siblings are
 * whatever the caller likes, so that every address and every worst case can be had without building trees. Written without
 * the machine's own witness code, which the tests hold against it.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, toHex } from "../../src/core/bytes.ts";
import {
  depths,
  globalSlots,
  headerBytes,
  leafBytes,
  type StateTreeName,
  stackSlots,
  trees,
} from "../../src/machine/layout.ts";
import { registerWords } from "../../src/machine/registers.ts";
import { MachineState, type Touched } from "../../src/machine/state.ts";
import { step } from "../../src/machine/step/step.ts";

/** Arrays of a state; whichever leaf of code, table or memory the step touches has the one leaf's content. */
export interface Sketch {
  readonly registers: Int32Array;
  readonly stack: Int32Array;
  readonly globals: Int32Array;
  readonly table: Int32Array;
  readonly code: Int32Array;
  readonly memory: Uint8Array;
}

export interface SketchedStep {
  readonly root: string;
  readonly postRoot: string;
  readonly witness: Uint8Array;
  /** In the order of first touch, with their sizes in the witness. */
  readonly leaves: readonly { readonly tree: StateTreeName; readonly leaf: number; readonly at: number }[];
  /** The registers leaf after the step. */
  readonly registers: Int32Array;
}

export function emptySketch(): Sketch {
  return {
    registers: new Int32Array(registerWords),
    stack: new Int32Array(2 * stackSlots),
    globals: new Int32Array(2 * globalSlots),
    table: new Int32Array(leafBytes / 4),
    code: new Int32Array(leafBytes / 4),
    memory: new Uint8Array(leafBytes),
  };
}

interface ShownLeaf {
  readonly tree: StateTreeName;
  readonly leaf: number;
  readonly before: Uint8Array;
  readonly siblings: Uint8Array[];
}

/** Executes one step with the interpreter. `sketch` becomes the state after it. `sibling` makes up 32 bytes. */
export function sketchStep(sketch: Sketch, sibling: () => Uint8Array): SketchedStep {
  const shown = new Shown(sketch, sibling);
  const registersBefore = bytes(sketch.registers).slice();
  step(new MachineState(sketch, shown));
  const roots = Object.fromEntries(trees.map((tree) => [tree, sibling()])) as Record<StateTreeName, Uint8Array>;
  const leavesOf = (tree: StateTreeName) => shown.leaves.filter((leaf) => leaf.tree === tree);
  for (const tree of trees) roots[tree] = rootOf(leavesOf(tree), (leaf) => leaf.before) ?? roots[tree];
  const header = concatBytes(registersBefore, ...trees.map((tree) => roots[tree]));
  for (const tree of trees) roots[tree] = rootOf(leavesOf(tree), (leaf) => shown.current(leaf)) ?? roots[tree];
  if (shown.cleared) roots.stack = emptyRoot(depths.stack);
  let at = headerBytes;
  const leaves = shown.leaves.map(({ tree, leaf, siblings }) => {
    const begin = at;
    at += leafBytes + 32 * siblings.length;
    return { tree, leaf, at: begin };
  });
  return {
    root: toHex(stateRoot(header)),
    postRoot: toHex(stateRoot(concatBytes(bytes(sketch.registers), ...trees.map((tree) => roots[tree])))),
    witness: concatBytes(header, ...shown.leaves.flatMap((leaf) => [leaf.before, ...leaf.siblings])),
    leaves,
    registers: sketch.registers,
  };
}

class Shown implements Touched {
  readonly leaves: ShownLeaf[] = [];
  cleared = false;

  constructor(
    private readonly sketch: Sketch,
    private readonly sibling: () => Uint8Array,
  ) {}

  code(pc: number): number {
    this.show("code", pc >>> 4, 0);
    return pc & 15;
  }
  stack(slot: number): number {
    this.show("stack", slot >>> 4, slot >>> 4);
    return slot;
  }
  globals(index: number): number {
    this.show("globals", index >>> 4, index >>> 4);
    return index;
  }
  table(index: number): number {
    this.show("table", index >>> 4, 0);
    return index & 15;
  }
  memory(address: number): number {
    this.show("memory", Math.floor(address / leafBytes), 0);
    return address % leafBytes;
  }
  stackCleared(): void {
    this.cleared = true;
  }

  current({ tree, leaf }: ShownLeaf): Uint8Array {
    return this.leafBytes(tree, tree === "stack" || tree === "globals" ? leaf : 0);
  }

  private show(tree: StateTreeName, leaf: number, place: number): void {
    const earlier = this.leaves.filter((shown) => shown.tree === tree);
    if (earlier.some((shown) => shown.leaf === leaf)) return;
    const levels = earlier[0] === undefined ? depths[tree] : Math.floor(Math.log2(earlier[0].leaf ^ leaf));
    const siblings = Array.from({ length: levels }, this.sibling);
    this.leaves.push({ tree, leaf, before: this.leafBytes(tree, place), siblings });
    if (earlier[0] !== undefined) {
      earlier[0].siblings[levels] = climb(this.leaves.at(-1)!, (shown) => shown.before);
    }
  }

  private leafBytes(tree: StateTreeName, place: number): Uint8Array {
    return bytes(this.sketch[tree]).slice(place * leafBytes, (place + 1) * leafBytes);
  }
}

type Content = (leaf: ShownLeaf) => Uint8Array;

function rootOf(leaves: readonly ShownLeaf[], content: Content): Uint8Array | undefined {
  const [first, second] = leaves;
  if (first === undefined) return undefined;
  if (second === undefined) return climb(first, content);
  const siblings = [...first.siblings];
  siblings[second.siblings.length] = climb(second, content);
  return climb({ ...first, siblings }, content);
}

function climb(leaf: ShownLeaf, content: Content): Uint8Array {
  return leaf.siblings.reduce(
    (node, sibling, level) =>
      keccak_256(concatBytes(...((leaf.leaf >>> level) & 1 ? [sibling, node] : [node, sibling]))),
    keccak_256(content(leaf)),
  );
}

function stateRoot(header: Uint8Array): Uint8Array {
  const part = (at: number) => header.subarray(leafBytes + 32 * at, leafBytes + 32 * (at + 1));
  const pair = (left: Uint8Array, right: Uint8Array) => keccak_256(concatBytes(left, right));
  const registersHash = keccak_256(header.subarray(0, leafBytes));
  return pair(pair(registersHash, part(0)), pair(pair(part(1), part(2)), pair(part(3), part(4))));
}

function emptyRoot(depth: number): Uint8Array {
  let node = keccak_256(new Uint8Array(leafBytes));
  for (let level = 0; level < depth; level++) node = keccak_256(concatBytes(node, node));
  return node;
}

function bytes(array: Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
