/** Steps out of a run of the interpreter, with recorded witnesses, chosen so that rare instructions occur too. */
import { recordStep } from "../../src/machine/recording.ts";
import { Register } from "../../src/machine/registers.ts";
import { cloneState, type MachineState } from "../../src/machine/state.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import { step } from "../../src/machine/step/step.ts";
import type { Hasher } from "../../src/merkle/hasher.ts";
import type { Random } from "./random.ts";

export interface SampledStep {
  readonly opcode: number;
  readonly root: string;
  readonly witness: Uint8Array;
  readonly postRoot: string;
}

export interface RunSample {
  readonly steps: readonly SampledStep[];
  /** Steps executed until the state stopped running or the limit was reached. */
  readonly executed: number;
}

/**
 * Runs `start` twice, for at most `maxSteps` steps: first to count what it executes, then to record at most `perOpcode`
 * random steps of each instruction. `start` is left as it is.
 */
export function sampleRun(
  start: MachineState,
  hasher: Hasher,
  random: Random,
  perOpcode: number,
  maxSteps: number,
): RunSample {
  const { chosen, executed } = chooseSteps(cloneState(start), random, perOpcode, maxSteps);
  const state = cloneState(start);
  const tree = new StateTree(hasher, state);
  const steps: SampledStep[] = [];
  let at = 0;
  for (const index of chosen) {
    for (; at < index; at++) step(state);
    tree.update();
    const opcode = opcodeAt(state);
    const root = tree.root();
    const { witness } = recordStep(state, tree);
    at++;
    tree.update();
    steps.push({ opcode, root, witness, postRoot: tree.root() });
  }
  return { steps, executed };
}

/**
 * Numbers of steps, ascending, at most `perOpcode` random ones of each instruction that occurs: a reservoir for each. Runs
 * `state` on, for at most `maxSteps` steps.
 */
export function chooseSteps(state: MachineState, random: Random, perOpcode: number, maxSteps: number) {
  const reservoirs = new Map<number, number[]>();
  const seen = new Map<number, number>();
  let executed = 0;
  for (; executed < maxSteps && state.running; executed++) {
    const opcode = opcodeAt(state);
    const count = (seen.get(opcode) ?? 0) + 1;
    seen.set(opcode, count);
    const reservoir = reservoirs.get(opcode) ?? [];
    reservoirs.set(opcode, reservoir);
    if (reservoir.length < perOpcode) reservoir.push(executed);
    else {
      const place = random.below(count);
      if (place < perOpcode) reservoir[place] = executed;
    }
    step(state);
  }
  const chosen = [...reservoirs.values()].flat().sort((a, b) => a - b);
  return { chosen, executed };
}

/** Number of the instruction that comes next; 0 where there is none. */
function opcodeAt(state: MachineState): number {
  return (state.code[2 * (state.registers[Register.pc]! >>> 0)] ?? 0) & 0xff;
}
