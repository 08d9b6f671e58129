/** Steps that the interpreter executes while modules are played, chosen so that every instruction has its share. */
import { returnPc, startInvocation } from "../../src/machine/invocation.ts";
import { emptyState, type MachineProgram } from "../../src/machine/program.ts";
import { recordStep } from "../../src/machine/recording.ts";
import { Register } from "../../src/machine/registers.ts";
import type { MachineState } from "../../src/machine/state.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import { step } from "../../src/machine/step/step.ts";
import type { Hasher } from "../../src/merkle/hasher.ts";
import type { Random } from "../support/random.ts";
import type { SampledStep } from "../support/sampledRun.ts";
import { playRandomModule } from "./randomSubject.ts";
import { runScript } from "./runScript.ts";
import type { Invocation, Subject } from "./subject.ts";
import type { Script } from "./suite.ts";

export interface SessionStep extends SampledStep {
  readonly origin: string;
}

/** A module's calls, one after another on one state. */
export interface Session {
  /** Script or random module. */
  readonly origin: string;
  readonly program: MachineProgram;
  readonly invocations: readonly Invocation[];
  /** Numbers of the steps to record, ascending. */
  readonly chosen: number[];
}

/** What scripts call. */
export function sessionsOfScripts(scripts: readonly Script[]): Session[] {
  return scripts.flatMap(({ name, read }) => runScript(read()).subjects.map((subject) => sessionOf(name, subject)));
}

/** What is called in random modules. */
export function sessionsOfRandomModules(seed: number, count: number): Session[] {
  return Array.from({ length: count }, (_, i) => {
    return sessionOf(`random module ${seed + i}`, playRandomModule(seed + i).subject);
  });
}

function sessionOf(origin: string, { program, invocations }: Subject): Session {
  return { origin, program, invocations, chosen: [] };
}

/** Steps of a session that may be chosen: its longest loops repeat themselves. */
const maxSteps = 200_000;

/**
 * At least `count` random steps, if so many are executed: all steps of the kinds of which there are few, and of the others
 * the same number each. A kind is an instruction, and the second part of one that has two. Each step comes with its witness,
 * the root before it and the root after it.
 */
export function* sampleSteps(
  sessions: readonly Session[],
  hasher: Hasher,
  random: Random,
  count: number,
): Generator<SessionStep> {
  choose(sessions, random, largestShare(sessions, count));
  for (const session of sessions) if (session.chosen.length > 0) yield* record(session, hasher);
}

/** The smallest bound on the steps of one kind with which `count` are reached. */
function largestShare(sessions: readonly Session[], count: number): number {
  const seen = new Map<number, number>();
  for (const session of sessions) {
    for (const state of runningStates(session)) {
      const kind = kindOf(state);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      step(state);
    }
  }
  let left = count;
  const ascending = [...seen.values()].sort((a, b) => a - b);
  for (const [i, executed] of ascending.entries()) {
    const share = Math.ceil(left / (ascending.length - i));
    if (executed >= share) return share;
    left -= executed;
  }
  return ascending.at(-1) ?? 0;
}

/** Fills `chosen` of every session: a reservoir for each kind of step. */
function choose(sessions: readonly Session[], random: Random, perKind: number): void {
  const reservoirs = new Map<number, { seen: number; kept: { session: Session; at: number }[] }>();
  for (const session of sessions) {
    let at = 0;
    for (const state of runningStates(session)) {
      const kind = kindOf(state);
      const reservoir = reservoirs.get(kind) ?? { seen: 0, kept: [] };
      reservoirs.set(kind, reservoir);
      reservoir.seen++;
      if (reservoir.kept.length < perKind) reservoir.kept.push({ session, at });
      else {
        const place = random.below(reservoir.seen);
        if (place < perKind) reservoir.kept[place] = { session, at };
      }
      at++;
      step(state);
    }
  }
  for (const { kept } of reservoirs.values()) for (const { session, at } of kept) session.chosen.push(at);
  for (const { chosen } of sessions) chosen.sort((a, b) => a - b);
}

function* record(session: Session, hasher: Hasher): Generator<SessionStep> {
  let tree: StateTree | undefined;
  let at = 0;
  let next = 0;
  for (const state of runningStates(session)) {
    if (at++ !== session.chosen[next]) {
      step(state);
      continue;
    }
    if (tree === undefined) tree = new StateTree(hasher, state);
    else tree.update();
    const opcode = opcodeAt(state);
    const root = tree.root();
    const { witness } = recordStep(state, tree);
    tree.update();
    yield { origin: session.origin, opcode, root, witness, postRoot: tree.root() };
    if (++next === session.chosen.length) return;
  }
}

/** The session's one state, before each of its steps; the one that is given it must execute exactly that step. */
function* runningStates({ program, invocations }: Session): Generator<MachineState> {
  const state = emptyState(program);
  let left = maxSteps;
  for (const { functionIndex, operands } of invocations) {
    startInvocation(state, program, functionIndex, operands);
    while (state.running && state.registers[Register.pc] !== returnPc) {
      if (left-- === 0) return;
      yield state;
    }
  }
}

function kindOf(state: MachineState): number {
  return opcodeAt(state) | (state.registers[Register.phase]! << 8);
}

function opcodeAt(state: MachineState): number {
  return (state.code[2 * (state.registers[Register.pc]! >>> 0)] ?? 0) & 0xff;
}
