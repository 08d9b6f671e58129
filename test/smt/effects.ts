import type { Bytes } from "./bytes.ts";
import { candidatesOf, numberOf, word } from "./opcodes.ts";
import { constant, equal, ite, keccak, type Term } from "./terms/index.ts";

/** One run of the code, up to where it is. */
export interface Run {
  pc: number;
  readonly stack: Term[];
  readonly memory: Bytes;
  /** The conditions of all branches taken. */
  readonly path: Term[];
}

/** What all runs share. */
export interface Program {
  readonly code: Uint8Array;
  readonly jumpTargets: ReadonlySet<number>;
  readonly calldata: Bytes;
}

export function pop(run: Run): Term {
  const top = run.stack.pop();
  if (top === undefined) throw new Error("the stack is empty");
  return top;
}

const popNumber = (run: Run): number => numberOf(pop(run));

/** What instructions do that read or write more than the stack; `pc` already stands behind them. */
export const effects: Readonly<Record<number, (run: Run, program: Program) => void>> = {
  32: (run) => {
    const from = popNumber(run);
    run.stack.push(keccak(run.memory.words(from, popNumber(run))));
  },
  52: (run) => run.stack.push(word(0)), // callvalue
  53: (run, { calldata }) => run.stack.push(calldata.read(popNumber(run), 32)),
  54: (run, { calldata }) => run.stack.push(word(calldata.length)),
  55: (run, { calldata }) => copy(run, (to, from, count) => run.memory.writeFrom(to, calldata, from, count)),
  57: (run, { code }) =>
    copy(run, (to, from, count) => {
      for (let i = 0; i < count; i++) run.memory.write(to + i, constant(code[from + i] ?? 0, 8));
    }),
  80: pop,
  81: (run) => run.stack.push(run.memory.read(popNumber(run), 32)),
  82: (run) => writeWord(run.memory, pop(run), pop(run)),
  86: (run, program) => jump(run, popNumber(run), program),
  91: () => {},
  94: (run) => copy(run, (to, from, count) => run.memory.writeFrom(to, run.memory, from, count)),
};

for (let size = 0; size <= 32; size++) Object.assign(effects, { [0x5f + size]: pushOf(size) });
for (let depth = 1; depth <= 16; depth++) {
  Object.assign(effects, {
    [0x7f + depth]: ({ stack }: Run) => stack.push(stack.at(-depth)!),
    [0x8f + depth]: ({ stack }: Run) => {
      const [top, other] = [stack.length - 1, stack.length - 1 - depth];
      [stack[top], stack[other]] = [stack[other]!, stack[top]!];
    },
  });
}

function pushOf(size: number) {
  return (run: Run, { code }: Program): void => {
    const bytes = code.slice(run.pc, run.pc + size);
    run.pc += size;
    run.stack.push(word(bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)));
  };
}

export function jump(run: Run, target: number, { jumpTargets }: Program): void {
  if (!jumpTargets.has(target)) throw new Error(`a jump to ${target}, which is no target`);
  run.pc = target + 1;
}

function copy(run: Run, write: (to: number, from: number, count: number) => void): void {
  const [to, from] = [popNumber(run), popNumber(run)];
  write(to, from, popNumber(run));
}

/** A place that depends on the input is written at every place it can be: the new value if it is there, else the old one. */
function writeWord(memory: Bytes, place: Term, value: Term): void {
  for (const candidate of candidatesOf(place)) {
    const at = numberOf(candidate);
    memory.write(at, ite(equal(place, candidate), value, memory.read(at, 32)));
  }
}
