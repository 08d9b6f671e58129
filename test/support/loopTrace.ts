import { type Root, toHex } from "../../src/core/bytes.ts";
import { run } from "../../src/machine/interpreter.ts";
import { bytesOf } from "../../src/machine/leaves.ts";
import { recordStep } from "../../src/machine/recording.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { cloneState, MachineState, newArrays } from "../../src/machine/state.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import { resume } from "../../src/machine/step/ending.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import type { RegistersProof, TickOpening } from "../../src/protocol/trace.ts";
import type { ProvenTrace } from "./assayClaim.ts";
import { assemble, type Instruction } from "./handmadeState.ts";

const kernel = await loadKeccakKernel();
const counterAddress = 128;

/** What a run of the loop does wrong: after step `step` of tick `tick` it changes a byte of memory, or a register. */
export interface LoopFault {
  readonly tick: number;
  readonly step: number;
  readonly kind: "memory" | "register";
}

export interface LoopProgram {
  /** Ticks until it halts. */
  readonly ticks: number;
  /** Turns of the inner loop in each tick: a tick has `15 + 13 * turns` steps. */
  readonly turns: number;
  /** Ends with `unreachable` instead of halting. */
  readonly traps?: boolean;
  /** Written into the result record. */
  readonly exitCode?: number;
  readonly recordVersion?: number;
}

/**
 * A small program on the real machine, every state of its run, and of runs with a fault in them. A tick counts a counter in
 * memory up and adds to a sum in an inner loop; after `ticks` ticks it halts.
 */
export class LoopTrace implements ProvenTrace {
  private readonly ends: MachineState[];

  constructor(
    readonly program: LoopProgram,
    readonly fault?: LoopFault,
  ) {
    this.ends = [startState(program)];
    for (let tick = 0; tick < program.ticks; tick++) this.ends.push(this.run(tick, Number.POSITIVE_INFINITY));
  }

  get startProof(): RegistersProof {
    return this.registersProof(0);
  }

  get resultProof(): Uint8Array {
    return this.resultProofAfter(this.program.ticks);
  }

  /** Registers and result record after `tick` ticks. */
  resultProofAfter(tick: number): Uint8Array {
    return new StateTree(kernel, cloneState(this.end(tick))).resultProof();
  }

  get finalRoot(): Root {
    return rootOf(this.ends.at(-1)!);
  }

  get buildId(): Root {
    return rootOf(this.ends[0]!);
  }

  /** Proof of the registers after `tick` ticks. */
  registersProof(tick: number): RegistersProof {
    return registersProof(this.end(tick));
  }

  /** Proof of the registers inside a tick. */
  stepRegistersProof(tick: number, step: number): RegistersProof {
    return registersProof(this.run(tick, step));
  }

  async tickRoots(ticks: readonly number[]): Promise<Root[]> {
    return ticks.map((tick) => rootOf(this.end(tick)));
  }

  async openTick(tick: number): Promise<TickOpening> {
    let log2Steps = 0;
    while (this.run(tick, 2 ** log2Steps).running) log2Steps++;
    return { log2Steps, start: this.registersProof(tick), end: this.registersProof(tick + 1) };
  }

  async stepRoots(tick: number, steps: readonly number[]): Promise<Root[]> {
    return steps.map((step) => rootOf(this.run(tick, step)));
  }

  async stepWitness(tick: number, step: number): Promise<Uint8Array> {
    const state = this.run(tick, step);
    return recordStep(state, new StateTree(kernel, state)).witness;
  }

  private end(tick: number): MachineState {
    return this.ends[Math.min(tick, this.ends.length - 1)]!;
  }

  private run(tick: number, steps: number): MachineState {
    const state = cloneState(this.end(tick));
    resume(state.registers);
    const { fault } = this;
    if (fault?.tick === tick && steps >= fault.step) {
      run(state, fault.step);
      spoil(state, fault.kind);
      run(state, steps - fault.step);
    } else {
      run(state, steps);
    }
    return state;
  }
}

function spoil(state: MachineState, kind: LoopFault["kind"]): void {
  if (kind === "memory") state.memory[1000] = state.memory[1000]! ^ 1;
  else state.registers[Register.tableSize] = 77;
}

function rootOf(state: MachineState): Root {
  return new StateTree(kernel, cloneState(state)).root();
}

function registersProof(state: MachineState): RegistersProof {
  const tree = new StateTree(kernel, cloneState(state));
  const header = tree.header();
  return { registers: header.registers, stackRoot: toHex(header.roots.stack), rest: tree.rest() };
}

function startState(program: LoopProgram): MachineState {
  const code = assemble(loopCode(program));
  const state = new MachineState(newArrays({ memoryPages: 1, tableSize: 0, code }));
  state.registers[Register.status] = Status.yielded;
  state.registers[Register.memoryPages] = 1;
  state.registers[Register.machineVersion] = 1;
  bytesOf(state.memory).fill(0x5a, 256, 2048);
  const record = new DataView(state.memory.buffer);
  record.setUint32(0, program.recordVersion ?? 1, true);
  record.setUint32(4, program.exitCode ?? 0, true);
  record.setBigUint64(8, 123_456n, true);
  state.memory.fill(0xab, 16, 48);
  state.dirty.fill(0);
  return state;
}

const [unreachable, jump, jumpUnless, end, move] = [0x01, 0x02, 0x04, 0x06, 0x07];
const [localGet, localSet, load, store, constant, geU, add] = [0x20, 0x21, 0x28, 0x36, 0x41, 0x4f, 0x6a];

/** One local (`fp + 1`, slot 2): the turns that are left. */
function loopCode({ ticks, turns, traps = false }: LoopProgram): Instruction[] {
  const code: Instruction[] = [
    [constant, turns],
    // While turns are left: sum += turns, turns -= 1.
    [localGet, 1],
    [jumpUnless, 14],
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
    [jump, 1],
    // counter += 1; is it `ticks`?
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
  ];
  if (traps) code.push([jumpUnless, code.length + 2], [unreachable], [constant, 0]);
  // The tick's result goes to slot 0, below the sentinel.
  code.push([move, 4, 1], [end]);
  return code;
}
