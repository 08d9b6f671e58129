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
  if (witness.length < headerBytes) throw tooShort(headerBytes, witness.length);
  const header = decodeHeader(witness);
  const given = headerRoot(header, keccak);
  if (!equalBytes(fromHex(root, 32), given)) throw mismatch(root, toHex(given), "state");
  const replayer = new Replayer(header, witness, keccak);
  step(replayer.state);
  return toHex(headerRoot(replayer.finish(), keccak));
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
    return this.place("code", leafOfElement(pc), 0) * elementsPerLeaf + (pc % elementsPerLeaf);
  }
  stack(slot: number): number {
    const leaf = leafOfElement(slot);
    return this.place("stack", leaf, leaf) * elementsPerLeaf + (slot % elementsPerLeaf);
  }
  globals(index: number): number {
    return this.place("globals", leafOfElement(index), 0) * elementsPerLeaf + (index % elementsPerLeaf);
  }
  table(index: number): number {
    return this.place("table", leafOfElement(index), 0) * elementsPerLeaf + (index % elementsPerLeaf);
  }
  memory(address: number): number {
    return this.place("memory", leafOfAddress(address), 0) * leafBytes + (address % leafBytes);
  }
  stackCleared(): void {
    this.cleared = true;
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
