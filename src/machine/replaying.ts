/**
 * The replaying accessor: executes one step on nothing but a witness, and checks every byte of it, exactly as the contract
 * does.
 */

import { equalBytes, fromHex, type Root, toHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { depths, elementsPerLeaf, headerBytes, leafBytes, type StateTreeName, stackSlots } from "./layout.ts";
import { bytesOf, leafOfAddress, leafOfElement, readLeaf } from "./leaves.ts";
import { MachineState, type Touched } from "./state.ts";
import { step } from "./step/step.ts";
import {
  climb,
  decodeHeader,
  headerRoot,
  type Keccak,
  maxTouchedLeaves,
  meetingLevel,
  type StateHeader,
  siblingCount,
  zeroRoot,
} from "./witness.ts";

/**
 * State root after the step that leads from the state with `root`.
 * @throws AssayError `machine/root-mismatch`, `machine/witness-too-short`, `machine/witness-too-long`: the witness is none
 * of this step. Never because of what the state holds.
 */
export function verifyStep(root: Root, witness: Uint8Array, keccak: Keccak): Root {
  return replayStep(root, witness, keccak).root;
}

/** Something that a step read or wrote, by its number: a slot, an entry, an instruction, or the address of a byte. */
export interface TouchedElement {
  readonly tree: StateTreeName;
  readonly index: number;
  /** The eight bytes of the element, or the eight that its address lies in; as far as the leaf goes. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** One step that was executed on nothing but a witness. */
export interface ReplayedStep {
  /** State root after it. */
  readonly root: Root;
  /** The registers' words. */
  readonly registers: { readonly before: Int32Array; readonly after: Int32Array };
  /** In the order of first touch. */
  readonly touched: readonly TouchedElement[];
}

/** As `verifyStep`, and tells what the step did: for people. @throws AssayError as `verifyStep` */
export function replayStep(root: Root, witness: Uint8Array, keccak: Keccak): ReplayedStep {
  if (witness.length < headerBytes) throw tooShort(headerBytes, witness.length);
  const header = decodeHeader(witness);
  const given = headerRoot(header, keccak);
  if (!equalBytes(fromHex(root, 32), given)) throw mismatch(root, toHex(given), "state");
  const replayer = new Replayer(header, witness, keccak);
  const before = replayer.state.registers.slice();
  step(replayer.state);
  const after = toHex(headerRoot(replayer.finish(), keccak));
  return { root: after, registers: { before, after: replayer.state.registers }, touched: replayer.touched() };
}

interface ProvenLeaf {
  readonly leaf: number;
  /** Of a second leaf: only those below the level where the paths meet. */
  readonly siblings: Uint8Array[];
}

class Replayer implements Touched {
  readonly state: MachineState;
  private at = headerBytes;
  private readonly proven = new Map<StateTreeName, ProvenLeaf[]>();
  private readonly first = new Map<string, Omit<TouchedElement, "after"> & { readonly at: number }>();
  private cleared = false;

  constructor(
    private readonly header: StateHeader,
    private readonly witness: Uint8Array,
    private readonly keccak: Keccak,
  ) {
    const registers = new Int32Array(leafBytes / 4);
    bytesOf(registers).set(header.registers);
    this.state = new MachineState(
      {
        registers,
        stack: new Int32Array(2 * stackSlots),
        globals: new Int32Array(leafBytes / 4),
        table: new Int32Array(leafBytes / 4),
        code: new Int32Array(leafBytes / 4),
        memory: new Uint8Array(leafBytes),
      },
      this,
    );
  }

  code(pc: number): number {
    return this.element("code", pc, 0);
  }
  stack(slot: number): number {
    return this.element("stack", slot, leafOfElement(slot));
  }
  globals(index: number): number {
    return this.element("globals", index, 0);
  }
  table(index: number): number {
    return this.element("table", index, 0);
  }
  memory(address: number): number {
    const at = this.place("memory", leafOfAddress(address), 0) * leafBytes + (address % leafBytes);
    return this.noted("memory", address - (address % 8), at - (address % 8), at);
  }
  stackCleared(): void {
    this.cleared = true;
  }

  touched(): TouchedElement[] {
    return [...this.first.values()].map(({ tree, index, before, at }) => {
      return { tree, index, before, after: this.bytesAt(tree, at) };
    });
  }

  /** @param place leaf of the array that the element's leaf is put into. */
  private element(tree: Exclude<StateTreeName, "memory">, index: number, place: number): number {
    const at = this.place(tree, leafOfElement(index), place) * elementsPerLeaf + (index % elementsPerLeaf);
    return this.noted(tree, index, 8 * at, at);
  }

  private noted(tree: StateTreeName, index: number, byte: number, at: number): number {
    const name = `${tree} ${index}`;
    if (!this.first.has(name)) this.first.set(name, { tree, index, before: this.bytesAt(tree, byte), at: byte });
    return at;
  }

  private bytesAt(tree: StateTreeName, byte: number): Uint8Array {
    return bytesOf(this.state[tree]).slice(byte, byte + 8);
  }

  /**
   * Puts a leaf into leaf `place` of its array, which it returns: at first touch, from the witness, whose next leaf it must
   * be.
   */
  private place(tree: StateTreeName, leaf: number, place: number): number {
    const earlier = this.proven.get(tree) ?? [];
    if (earlier.some((proven) => proven.leaf === leaf)) return place;
    if (earlier.length === maxTouchedLeaves[tree]) {
      throw new AssayError("machine/invariant", `a step touches more than ${earlier.length} leaves of the ${tree}`, {
        tree,
        leaf,
      });
    }
    const first = earlier[0];
    const levels = siblingCount(tree, leaf, first?.leaf);
    const bytes = this.take(leafBytes);
    const siblings = Array.from({ length: levels }, () => this.take(32));
    const node = climb(this.keccak(bytes), leaf, siblings, this.keccak);
    const expected = first === undefined ? this.header.roots[tree] : first.siblings[levels]!;
    if (!equalBytes(node, expected)) throw mismatch(toHex(expected), toHex(node), tree);
    this.proven.set(tree, [...earlier, { leaf, siblings }]);
    bytesOf(this.state[tree]).set(bytes, place * leafBytes);
    return place;
  }

  private take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.witness.length) throw tooShort(end, this.witness.length);
    const bytes = this.witness.slice(this.at, end);
    this.at = end;
    return bytes;
  }

  /** The header after the step. */
  finish(): StateHeader {
    if (this.at !== this.witness.length) {
      throw new AssayError("machine/witness-too-long", `the step uses ${this.at} bytes of ${this.witness.length}`, {
        used: this.at,
        given: this.witness.length,
      });
    }
    return {
      registers: bytesOf(this.state.registers),
      roots: {
        stack: this.cleared ? zeroRoot(depths.stack, this.keccak) : this.rootAfter("stack"),
        globals: this.rootAfter("globals"),
        table: this.header.roots.table,
        code: this.header.roots.code,
        memory: this.rootAfter("memory"),
      },
    };
  }

  private rootAfter(tree: "stack" | "globals" | "memory"): Uint8Array {
    const [first, second] = this.proven.get(tree) ?? [];
    if (first === undefined) return this.header.roots[tree];
    const siblings = [...first.siblings];
    if (second !== undefined) {
      const levels = meetingLevel(first.leaf, second.leaf);
      siblings[levels] = climb(this.leafHash(tree, second.leaf), second.leaf, second.siblings, this.keccak);
    }
    return climb(this.leafHash(tree, first.leaf), first.leaf, siblings, this.keccak);
  }

  private leafHash(tree: "stack" | "globals" | "memory", leaf: number): Uint8Array {
    return this.keccak(readLeaf(this.state, tree, tree === "stack" ? leaf : 0));
  }
}

function mismatch(expected: Root, given: Root, of: string) {
  return new AssayError("machine/root-mismatch", `the witness shows ${of} root ${given}, expected ${expected}`, {
    expected,
    given,
  });
}

function tooShort(needed: number, given: number) {
  return new AssayError("machine/witness-too-short", `the step needs ${needed} bytes of witness, got ${given}`, {
    needed,
    given,
  });
}
