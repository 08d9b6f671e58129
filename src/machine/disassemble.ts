/** Instructions in words, for people. */
import { opcodeOf } from "./opcodes.ts";
import type { MachineProgram } from "./program.ts";

/** One instruction as text: `i32.load offset=16`, `jump -> 120 drop 2`. */
export function disassembleInstruction(operation: number, b: number): string {
  const opcode = opcodeOf[operation & 0xff];
  if (opcode === undefined) return `no instruction (${operation & 0xff})`;
  const words = [opcode.name];
  const a = operation >>> 16;
  switch (opcode.b) {
    case "target pc":
      words.push(`-> ${b >>> 0}`);
      break;
    case "last entry":
      words.push(`0..${b >>> 0}`);
      break;
    case "offset":
      if (b !== 0) words.push(`offset=${b >>> 0}`);
      break;
    case "type id":
      words.push(`type ${b >>> 0}`);
      break;
    case "global index":
      words.push(`${b >>> 0}`);
      break;
    case "frame distance":
      words.push(`fp${b < 0 ? "" : "+"}${b}`);
      break;
    case "destination distance":
      words.push(`sp-${b >>> 0} = sp-${a}`);
      break;
    case "low half":
    case "high half":
      words.push(`${b}`);
      break;
    default:
  }
  if (opcode.a === "gap" && a !== 0) words.push(`gap ${a}`);
  if ((opcode.a === "drop count" || opcode.a === "result drop count") && a !== 0) words.push(`drop ${a}`);
  return words.join(" ");
}

/** One line of a disassembly. */
export interface DisassembledLine {
  readonly pc: number;
  readonly text: string;
  /** Function that the instruction belongs to: its name, else `function <index>`; undefined outside of all. */
  readonly functionName: string | undefined;
}

/** The instructions from `before` ahead of `pc` to `after` behind it, as far as there is code. */
export function disassemble(program: MachineProgram, pc: number, before = 5, after = 5): DisassembledLine[] {
  const first = Math.max(0, pc - before);
  const last = Math.min(program.code.length / 2 - 1, pc + after);
  const lines: DisassembledLine[] = [];
  for (let at = first; at <= last; at++) {
    const text = disassembleInstruction(program.code[2 * at]!, program.code[2 * at + 1]!);
    lines.push({ pc: at, text, functionName: functionNameAt(program, at) });
  }
  return lines;
}

/** Name of the function whose code holds `pc`. */
export function functionNameAt({ functions }: MachineProgram, pc: number): string | undefined {
  // Functions follow each other in the code: the last one that begins at or before `pc`.
  let low = 0;
  let high = functions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (functions[middle]!.entryPc <= pc) low = middle + 1;
    else high = middle;
  }
  const found = functions[low - 1];
  if (found === undefined || pc >= found.endPc) return undefined;
  return found.name ?? `function ${low - 1}`;
}
