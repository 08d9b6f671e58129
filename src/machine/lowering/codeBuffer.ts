/** An array of instructions that grows, with jump targets filled in once they are known. */
import { AssayError } from "../../core/errors.ts";
import { codeInstructions } from "../layout.ts";

/** A place in the code that jumps may name before it is reached. */
export interface Label {
  pc: number | undefined;
  /** Instructions whose `b` becomes `pc`. */
  readonly waiting: number[];
}

export function newLabel(): Label {
  return { pc: undefined, waiting: [] };
}

/** Largest value of the 16-bit immediate `a`. */
const maxA = 0xffff;

export class CodeBuffer {
  private words = new Int32Array(1024);
  /** Number of instructions: the pc of the next one. */
  length = 0;

  /** Appends an instruction. @throws AssayError `machine/unsupported-module` when it does not fit the machine. */
  emit(opcode: number, b = 0, a = 0): void {
    if (a > maxA) {
      throw new AssayError("machine/unsupported-module", `a distance of ${a} slots is beyond the machine's ${maxA}`, {
        a,
      });
    }
    if (this.length === codeInstructions) {
      throw new AssayError("machine/unsupported-module", `the lowered program is longer than ${codeInstructions}`);
    }
    if (2 * this.length === this.words.length) {
      const grown = new Int32Array(2 * this.words.length);
      grown.set(this.words);
      this.words = grown;
    }
    this.words[2 * this.length] = opcode | (a << 16);
    this.words[2 * this.length + 1] = b;
    this.length++;
  }

  /** Appends an instruction whose `b` is where `label` is or will be. */
  emitTo(opcode: number, label: Label, a = 0): void {
    if (label.pc === undefined) label.waiting.push(this.length);
    this.emit(opcode, label.pc ?? 0, a);
  }

  /** Puts `label` here. */
  place(label: Label): void {
    label.pc = this.length;
    for (const pc of label.waiting) this.words[2 * pc + 1] = this.length;
    label.waiting.length = 0;
  }

  /** Sets `b` of the instruction at `pc`. */
  patch(pc: number, b: number): void {
    this.words[2 * pc + 1] = b;
  }

  /** The instructions, two words each. */
  finish(): Int32Array {
    return this.words.slice(0, 2 * this.length);
  }
}
