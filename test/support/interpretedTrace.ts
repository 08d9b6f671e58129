import type { Root } from "../../src/core/bytes.ts";
import { run } from "../../src/machine/interpreter.ts";
import { type ClaimableProgram, type DriveImage, startState } from "../../src/machine/program.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import type { MachineState } from "../../src/machine/state.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import { resume } from "../../src/machine/step/ending.ts";
import type { Hasher } from "../../src/merkle/hasher.ts";

/** A program's trace by the interpreter alone, from the start: what every faster way must agree with. */
export class InterpretedTrace {
  readonly state: MachineState;
  private readonly tree: StateTree;
  private readonly roots: Root[];
  /** Steps of each tick so far. */
  readonly steps: number[] = [];

  constructor(hasher: Hasher, program: ClaimableProgram, drives: readonly DriveImage[] = []) {
    this.state = startState(program, drives);
    this.tree = new StateTree(hasher, this.state);
    this.roots = [this.tree.root()];
  }

  get ended(): boolean {
    return this.state.registers[Register.status] !== Status.yielded;
  }

  get ticks(): number {
    return this.roots.length - 1;
  }

  /** The roots of all ticks up to the end, the start's included. */
  tickRoots(maxTicks: number): Root[] {
    while (!this.ended && this.ticks < maxTicks) this.tick();
    return this.roots;
  }

  tick(): void {
    resume(this.state.registers);
    this.steps.push(run(this.state, 2 ** 32));
    this.roots.push(this.root());
  }

  /** Root of the state as it is now. */
  root(): Root {
    this.tree.update();
    return this.tree.root();
  }
}
