/** The recording accessor: runs a step directly and collects its witness. */

import { concatBytes } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import type { StateTreeName } from "./layout.ts";
import { leafOfAddress, leafOfElement, readLeaf } from "./leaves.ts";
import { MachineState, type Touched } from "./state.ts";
import { step } from "./step/step.ts";
import { encodeHeader, maxTouchedLeaves, type StateHeader, siblingCount } from "./witness.ts";

/** Where the recording accessor gets its proofs: trees that agree with the state it runs on. */
export interface ProofSource {
  header(): StateHeader;
  /** All siblings of a leaf, lowest first. Called before the step writes to that leaf. */
  siblings(tree: StateTreeName, leaf: number): readonly Uint8Array[];
}

/** One leaf of a witness. */
export interface TouchedLeaf {
  readonly tree: StateTreeName;
  readonly leaf: number;
}

/** A step that was executed, and the witness that proves it. */
export interface RecordedStep {
  readonly witness: Uint8Array;
  /** In the order of first touch. */
  readonly leaves: readonly TouchedLeaf[];
}

/** Executes one step on the arrays of `state` and returns its witness. `proofs` must agree with `state` before the step. */
export function recordStep(state: MachineState, proofs: ProofSource): RecordedStep {
  const recorder = new Recorder(state, proofs);
  step(new MachineState(state, recorder, state.dirty));
  return { witness: concatBytes(...recorder.parts), leaves: recorder.leaves };
}

class Recorder implements Touched {
  readonly parts: Uint8Array[];
  readonly leaves: TouchedLeaf[] = [];

  constructor(
    private readonly state: MachineState,
    private readonly proofs: ProofSource,
  ) {
    this.parts = [encodeHeader(proofs.header())];
  }

  code(pc: number): number {
    this.note("code", leafOfElement(pc));
    return pc;
  }
  stack(slot: number): number {
    this.note("stack", leafOfElement(slot));
    return slot;
  }
  globals(index: number): number {
    this.note("globals", leafOfElement(index));
    return index;
  }
  table(index: number): number {
    this.note("table", leafOfElement(index));
    return index;
  }
  memory(address: number): number {
    this.note("memory", leafOfAddress(address));
    return address;
  }
  stackCleared(): void {}

  private note(tree: StateTreeName, leaf: number): void {
    const earlier = this.leaves.filter((touched) => touched.tree === tree);
    if (earlier.some((touched) => touched.leaf === leaf)) return;
    if (earlier.length === maxTouchedLeaves[tree]) {
      throw new AssayError("machine/invariant", `a step touches more than ${earlier.length} leaves of the ${tree}`, {
        tree,
        leaf,
      });
    }
    this.leaves.push({ tree, leaf });
    const siblings = this.proofs.siblings(tree, leaf).slice(0, siblingCount(tree, leaf, earlier[0]?.leaf));
    this.parts.push(readLeaf(this.state, tree, leaf), ...siblings);
  }
}
