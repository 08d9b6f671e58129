/**
 * One step of the machine: total, written once for all accessors (`README.md`, "Steps"). `contracts/step` mirrors this
 * folder file by file and function by function: operands, read, compute, write, advance.
 */
import { opcodeOf } from "../opcodes.ts";
import { Register, Status, Trap } from "../registers.ts";
import type { MachineState } from "../state.ts";
import { bulk } from "./bulk.ts";
import { control } from "./control.ts";
import { trap } from "./ending.ts";
import { memory } from "./memory.ts";
import { numeric32 } from "./numeric32.ts";
import { numeric64 } from "./numeric64.ts";
import { variable } from "./variable.ts";

// V8 folds a module's own constants into optimized code; what is imported it loads and checks each time.
const { pc: PC, phase: PHASE, status: STATUS } = Register;
const RUNNING = Status.running;
const [stepControl, stepVariable, stepMemory] = [control, variable, memory] as const;
const [stepBulk, stepNumeric32, stepNumeric64] = [bulk, numeric32, numeric64] as const;

const families = { none: 0, control: 1, variable: 2, memory: 3, bulk: 4, numeric32: 5, numeric64: 6 } as const;

/** Family of each opcode number; 0 where there is not an instruction. */
const familyOf = Uint8Array.from({ length: 256 }, (_, number) => families[opcodeOf[number]?.family ?? "none"]);

/** Highest phase each opcode number may be in. */
const lastPhaseOf = Uint8Array.from({ length: 256 }, (_, number) => (opcodeOf[number]?.phases ?? 1) - 1);

/** Executes one step. Yielded, halted, trapped and unknown statuses are fixed points. Never throws on any state. */
export function step(state: MachineState): void {
  if (state.registers[STATUS] === RUNNING) execute(state);
}

/** Executes one step of a running state. */
export function execute(state: MachineState): void {
  const registers = state.registers;
  const pc = registers[PC]!;
  if (pc >>> 24 !== 0) return trap(state, Trap.badPc);
  const at = state.locate(pc);
  const operation = state.operation(at);
  const opcode = operation & 0xff;
  const family = familyOf[opcode]!;
  if (family === 0) return trap(state, Trap.illegalInstruction);
  const phase = registers[PHASE]!;
  if (phase !== 0 && phase >>> 0 > lastPhaseOf[opcode]!) return trap(state, Trap.badScratch);
  const a = operation >>> 16;
  const b = state.immediate(at);
  switch (family) {
    case 1: // control
      return stepControl(state, opcode, a, b);
    case 2: // variable
      return stepVariable(state, opcode, a, b);
    case 3: // memory
      return stepMemory(state, opcode, b);
    case 4: // bulk
      return stepBulk(state, opcode);
    case 5: // numeric32
      return stepNumeric32(state, opcode);
    default: // numeric64
      return stepNumeric64(state, opcode);
  }
}
