import { Bytes } from "./bytes.ts";
import { effects, jump, type Program, pop, type Run } from "./effects.ts";
import { computations, isZeroWord, numberOf } from "./opcodes.ts";
import { all, FALSE, not, type Term, TRUE } from "./terms/index.ts";

/** How a run of the code can end. */
export interface Ending {
  /** True for exactly the inputs that lead here. */
  readonly condition: Term;
  readonly kind: "return" | "revert" | "invalid";
  readonly data: Bytes;
}

const MAX_INSTRUCTIONS = 2_000_000;
const [STOP, JUMPI, RETURN, REVERT, INVALID] = [0x00, 0x57, 0xf3, 0xfd, 0xfe] as const;
const kinds: Readonly<Record<number, Ending["kind"]>> = {
  [STOP]: "return",
  [RETURN]: "return",
  [REVERT]: "revert",
  [INVALID]: "invalid",
};

/**
 * All the ways in which a contract's runtime code can end, whatever the variables in its calldata are. For code without state:
 * no storage, no calls, no environment but calldata.
 */
export function execute(code: Uint8Array, calldata: Bytes): readonly Ending[] {
  const program: Program = { code, calldata, jumpTargets: jumpTargetsOf(code) };
  const endings: Ending[] = [];
  const waiting: Run[] = [{ pc: 0, stack: [], memory: new Bytes(), path: [] }];
  let executed = 0;
  for (let run = waiting.pop(); run !== undefined; run = waiting.pop()) {
    let ending: Ending | undefined;
    while (ending === undefined) {
      if (++executed > MAX_INSTRUCTIONS) throw new Error("the code does not end");
      const opcode = code[run.pc++] ?? STOP;
      if (opcode === JUMPI) {
        const branch = jumpIf(run, program);
        if (branch !== undefined) waiting.push(branch);
      } else {
        ending = endingAt(run, opcode);
        if (ending === undefined) advance(run, opcode, program);
      }
    }
    endings.push(ending);
  }
  return endings;
}

function jumpTargetsOf(code: Uint8Array): ReadonlySet<number> {
  const targets = new Set<number>();
  for (let pc = 0; pc < code.length; pc++) {
    const opcode = code[pc]!;
    if (opcode === 0x5b) targets.add(pc);
    else if (opcode >= 0x60 && opcode <= 0x7f) pc += opcode - 0x5f;
  }
  return targets;
}

function endingAt(run: Run, opcode: number): Ending | undefined {
  const kind = kinds[opcode];
  if (kind === undefined) return undefined;
  const data = new Bytes();
  const condition = all(run.path);
  if (opcode !== RETURN && opcode !== REVERT) return { condition, kind, data };
  const from = numberOf(pop(run));
  data.writeFrom(0, run.memory, from, numberOf(pop(run)));
  return { condition, kind, data };
}

/** Takes the branch that is certain; otherwise this run goes on without the jump, and the one returned jumps. */
function jumpIf(run: Run, program: Program): Run | undefined {
  const target = numberOf(pop(run));
  const stays = valueOnPath(run.path, isZeroWord(pop(run)));
  if (stays === TRUE) return undefined;
  if (stays === FALSE) {
    jump(run, target, program);
    return undefined;
  }
  const other: Run = { ...run, stack: [...run.stack], memory: run.memory.copy(), path: [...run.path, not(stays)] };
  jump(other, target, program);
  run.path.push(stays);
  return other;
}

/** The condition, or its value if a branch that was taken before decides it. */
function valueOnPath(path: readonly Term[], condition: Term): Term {
  if (path.includes(condition)) return TRUE;
  return path.includes(not(condition)) ? FALSE : condition;
}

function advance(run: Run, opcode: number, program: Program): void {
  const computation = computations[opcode];
  if (computation !== undefined) {
    const operands = Array.from({ length: computation.length }, () => pop(run));
    run.stack.push(computation(...operands));
    return;
  }
  const effect = effects[opcode];
  if (effect === undefined) throw new Error(`opcode 0x${opcode.toString(16)} is not for code without state`);
  effect(run, program);
}
