import { type Root, toHex } from "../../../src/core/bytes.ts";
import { bytesOf } from "../../../src/machine/leaves.ts";
import { recordStep } from "../../../src/machine/recording.ts";
import { Register, Status } from "../../../src/machine/registers.ts";
import { cloneState, MachineState, newArrays } from "../../../src/machine/state.ts";
import { StateTree } from "../../../src/machine/stateTree.ts";
import { resume } from "../../../src/machine/step/ending.ts";
import { step } from "../../../src/machine/step/step.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import type { Outcome } from "../../../src/protocol/claim.ts";
import type { RegistersProof, TickOpening } from "../../../src/protocol/trace.ts";
import { outcomeOf } from "../../../src/trace/outcome.ts";
import { assemble, type Instruction } from "../handmadeState.ts";
import type { FaultPlace, GameTrace, World } from "./world.ts";

const kernel = await loadKeccakKernel();
const counterAddress = 128;

/** One state inside a tick: enough to be proven, and the number of the next step. */
interface KeptState {
  readonly root: Root;
  readonly proof: RegistersProof;
}

/**
 * Every state of a small program on the real machine: tick number n adds up n numbers in memory and takes 16 + 13 n steps.
 * A fault flips a byte of memory.
 */
export class MachineTrace implements GameTrace {
  /** States before each tick, and the last one. */
  private readonly starts: MachineState[] = [];
  private readonly states: KeptState[][] = [];
  private readonly first: KeptState;
  private readonly resultProof: Uint8Array;

  constructor(
    readonly ticks: number,
    seed: number,
    readonly fault?: FaultPlace,
  ) {
    const state = startState(ticks, seed);
    const tree = new StateTree(kernel, state);
    this.first = keep(tree);
    for (let tick = 0; tick < ticks; tick++) {
      this.starts.push(cloneState(state));
      this.states.push([...this.run(state, tree, tick)]);
    }
    this.starts.push(cloneState(state));
    this.resultProof = tree.resultProof();
  }

  private *run(state: MachineState, tree: StateTree, tick: number): Generator<KeptState> {
    resume(state.registers);
    tree.update();
    yield keep(tree);
    for (let number = 1; state.running; number++) {
      this.advance(state, tick, number);
      tree.update();
      yield keep(tree);
    }
  }

  private advance(state: MachineState, tick: number, number: number): void {
    step(state);
    if (this.fault?.tick !== tick || this.fault.step !== number) return;
    state.memory[1000] = state.memory[1000]! ^ 1;
    state.dirty[0] = 1;
  }

  private kept(tick: number, at: number): KeptState {
    const states = this.states[tick] ?? [this.tickEnd(tick)];
    return states[Math.min(at, states.length - 1)]!;
  }

  private tickEnd(tick: number): KeptState {
    return tick === 0 ? this.first : this.states[Math.min(tick, this.ticks) - 1]!.at(-1)!;
  }

  steps(tick: number): number {
    return (this.states[tick]?.length ?? 1) - 1;
  }

  startProof(): RegistersProof {
    return this.first.proof;
  }

  stepProof(tick: number, at: number): RegistersProof {
    return this.kept(tick, at).proof;
  }

  endProof(): Uint8Array {
    return this.resultProof;
  }

  outcome(): Outcome {
    return outcomeOf(this.resultProof);
  }

  async tickRoots(ticks: readonly number[]): Promise<Root[]> {
    return ticks.map((tick) => this.tickEnd(tick).root);
  }

  async openTick(tick: number): Promise<TickOpening> {
    const log2Steps = Math.ceil(Math.log2(Math.max(1, this.steps(tick))));
    return { log2Steps, start: this.tickEnd(tick).proof, end: this.tickEnd(tick + 1).proof };
  }

  async stepRoots(tick: number, steps: readonly number[]): Promise<Root[]> {
    return steps.map((at) => this.kept(tick, at).root);
  }

  async stepWitness(tick: number, at: number): Promise<Uint8Array> {
    const state = this.stateAt(tick, at);
    return recordStep(state, new StateTree(kernel, state)).witness;
  }

  /** What `endProof` would be if the run ended after `at` steps of a tick. */
  resultProofAt(tick: number, at: number): Uint8Array {
    return new StateTree(kernel, this.stateAt(tick, at)).resultProof();
  }

  private stateAt(tick: number, at: number): MachineState {
    const state = cloneState(this.starts[Math.min(tick, this.ticks)]!);
    resume(state.registers);
    for (let number = 1; number <= at && state.running; number++) this.advance(state, tick, number);
    return state;
  }
}

/** A program and every run of it with one byte flipped. @param seed makes the build a build of its own. */
export function machineWorld(ticks: number, seed: number): World & { readonly truth: MachineTrace } {
  return { truth: new MachineTrace(ticks, seed), faulty: (place) => new MachineTrace(ticks, seed, place) };
}

function keep(tree: StateTree): KeptState {
  const { registers, roots } = tree.header();
  return {
    root: tree.root(),
    proof: { registers: registers.slice(), stackRoot: toHex(roots.stack), rest: tree.rest() },
  };
}

function startState(ticks: number, seed: number): MachineState {
  const state = new MachineState(newArrays({ memoryPages: 1, tableSize: 0, code: assemble(program(ticks)) }));
  state.registers[Register.status] = Status.yielded;
  state.registers[Register.memoryPages] = 1;
  state.registers[Register.machineVersion] = 1;
  const memory = new DataView(state.memory.buffer);
  memory.setUint32(512, seed, true);
  // The result record: version 1, exit code 0, an artifact of some size and hash.
  memory.setUint32(0, 1, true);
  memory.setUint32(8, 1000 + seed, true);
  bytesOf(state.memory).fill(0xa5, 16, 48);
  bytesOf(state.memory).fill(0x5a, 1024, 2048);
  return state;
}

const [jump, jumpUnless, end, move] = [0x02, 0x04, 0x06, 0x07];
const [localGet, localSet, load, store, constant, geU, add] = [0x20, 0x21, 0x28, 0x36, 0x41, 0x4f, 0x6a];

function program(ticks: number): Instruction[] {
  return [
    // The only local, at fp + 1: the turns that are left, at first the counter.
    [constant, counterAddress],
    [load, 0],
    [localGet, 1],
    [jumpUnless, 15],
    [constant, 256],
    [constant, 256],
    [load, 0],
    [localGet, 1],
    [add],
    [store, 0],
    [localGet, 1],
    [constant, -1],
    [add],
    [localSet, 1],
    [jump, 2],
    // The counter goes up; the run halts when it has reached `ticks`.
    [constant, counterAddress],
    [constant, counterAddress],
    [load, 0],
    [constant, 1],
    [add],
    [store, 0],
    [constant, counterAddress],
    [load, 0],
    [constant, ticks],
    [geU],
    [move, 4, 1],
    [end],
  ];
}
