/** The trees over a state: its root, its header and the siblings of its leaves, kept up to date by what changed. */
import { concatBytes, type Root, toHex } from "../core/bytes.ts";
import type { Hasher } from "../merkle/hasher.ts";
import { pageBytes } from "../merkle/hasher.ts";
import { markedPages, PageTree } from "../merkle/pageTree.ts";
import { depths, leafBytes, type StateTreeName } from "./layout.ts";
import { bytesOf } from "./leaves.ts";
import type { ProofSource } from "./recording.ts";
import type { MachineState } from "./state.ts";
import { encodeHeader, headerRest, headerRoot, type StateHeader } from "./witness.ts";

/** Trees that somebody has computed already. They are adopted, and must agree with the state. */
export type KnownTrees = Partial<Readonly<Record<StateTreeName, PageTree>>>;

/** The Merkle tree over a state: its root, and proofs of what is in it. */
export class StateTree implements ProofSource {
  private readonly trees: Readonly<Record<StateTreeName, PageTree>>;
  /** What stack and globals held when they were hashed. */
  private readonly hashedStack: Uint8Array;
  private readonly hashedGlobals: Uint8Array;
  private registers: Uint8Array;

  /** Hashes the whole state, besides the known trees, and resets its dirty marks unless its memory's tree is known. */
  constructor(
    private readonly hasher: Hasher,
    private readonly state: MachineState,
    known: KnownTrees = {},
  ) {
    const of = (tree: StateTreeName) => known[tree] ?? PageTree.of(hasher, depths[tree], bytesOf(state[tree]));
    if (known.memory === undefined) state.dirty.fill(0);
    this.trees = {
      stack: of("stack"),
      globals: of("globals"),
      table: of("table"),
      code: of("code"),
      memory: of("memory"),
    };
    this.hashedStack = bytesOf(state.stack).slice();
    this.hashedGlobals = bytesOf(state.globals).slice();
    this.registers = bytesOf(state.registers).slice();
  }

  /** Brings the trees up to the state as it is now, whatever steps were executed on it directly, and resets its dirty marks. */
  update(): void {
    this.registers = bytesOf(this.state.registers).slice();
    refresh(this.trees.stack, bytesOf(this.state.stack), this.hashedStack);
    refresh(this.trees.globals, bytesOf(this.state.globals), this.hashedGlobals);
    this.trees.memory.update(this.state.memory, markedPages(this.state.dirty));
    this.state.dirty.fill(0);
  }

  /** As of the last update. */
  root(): Root {
    return toHex(headerRoot(this.header(), this.keccak));
  }

  /** Root over globals, table, code and memory, as of the last update. */
  rest(): Root {
    return toHex(headerRest(this.header(), this.keccak));
  }

  header(): StateHeader {
    const { stack, globals, table, code, memory } = this.trees;
    return {
      registers: this.registers,
      roots: { stack: stack.root, globals: globals.root, table: table.root, code: code.root, memory: memory.root },
    };
  }

  siblings(tree: StateTreeName, leaf: number): readonly Uint8Array[] {
    return this.trees[tree].siblings(bytesOf(this.state[tree]), leaf);
  }

  /** The tree itself, for those who keep it beside the state. */
  treeOf(tree: StateTreeName): PageTree {
    return this.trees[tree];
  }

  /** `state header ‖ memory leaf 0 ‖ its siblings`: shows registers and result record against the root. */
  resultProof(): Uint8Array {
    const leaf = new Uint8Array(leafBytes);
    leaf.set(this.state.memory.subarray(0, leafBytes));
    return concatBytes(encodeHeader(this.header()), leaf, ...this.trees.memory.siblings(this.state.memory, 0));
  }

  private readonly keccak = (bytes: Uint8Array) => this.hasher.hash(bytes);
}

/** Rehashes the pages in which `bytes` differs from `hashed`, and makes `hashed` equal to it. */
function refresh(tree: PageTree, bytes: Uint8Array, hashed: Uint8Array): void {
  const now = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const then = new Int32Array(hashed.buffer, hashed.byteOffset, hashed.length / 4);
  const dirty: number[] = [];
  const words = pageBytes / 4;
  for (let start = 0; start < now.length; start += words) {
    const end = Math.min(start + words, now.length);
    let at = start;
    while (at < end && now[at] === then[at]) at++;
    if (at < end) dirty.push(start / words);
  }
  if (dirty.length === 0) return;
  tree.update(bytes, Uint32Array.from(dirty));
  hashed.set(bytes);
}
