import { invalid, unsupported } from "./errors.ts";
import { limits } from "./limits.ts";
import type { ValueType } from "./module.ts";
import { typeName } from "./valueTypes.ts";

/** The type of an operand that unreachable code may take for anything. */
export const unknown = 0;

/** An operand's type: a number type, or `unknown`. */
export type OperandType = ValueType | typeof unknown;

/** A bound on the number of comparisons and pushes in the validation of one module. */
export interface Budget {
  left: number;
}

/** The operand types of the validation algorithm (specification, appendix A.3), and where the current block's begin. */
export class OperandStack {
  height = 0;
  /** Operands below this belong to the blocks outside. */
  base = 0;
  /** The rest of the current block cannot be reached: missing operands are `unknown`. */
  unreachable = false;

  private types = new Uint8Array(64);

  constructor(private readonly budget: Budget) {}

  push(type: OperandType, offset: number): void {
    if (this.height === this.types.length) {
      if (this.height >= limits.operands) throw unsupported(offset, `more than ${limits.operands} operands`);
      const grown = new Uint8Array(2 * this.height);
      grown.set(this.types);
      this.types = grown;
    }
    this.types[this.height++] = type;
  }

  pushAll(types: readonly ValueType[], offset: number): void {
    this.spend(types.length, offset);
    for (const type of types) this.push(type, offset);
  }

  popAny(offset: number): OperandType {
    if (this.height > this.base) return this.types[--this.height] as OperandType;
    if (this.unreachable) return unknown;
    throw invalid(offset, "type mismatch: expected an operand, the block's stack is empty");
  }

  pop(expected: ValueType, offset: number): void {
    if (this.height > this.base) check(expected, this.types[--this.height] as OperandType, offset);
    else if (!this.unreachable) throw missing(expected, offset);
  }

  popAll(types: readonly ValueType[], offset: number): void {
    this.spend(types.length, offset);
    for (let i = types.length - 1; i >= 0; i--) this.pop(types[i]!, offset);
  }

  /** Checks that `types` could be popped, and leaves the stack as it is. */
  checkTop(types: readonly ValueType[], offset: number): void {
    this.spend(types.length, offset);
    for (let i = 1; i <= types.length; i++) {
      const expected = types[types.length - i]!;
      if (this.height - i >= this.base) check(expected, this.types[this.height - i] as OperandType, offset);
      else if (!this.unreachable) throw missing(expected, offset);
    }
  }

  /** The rest of the block is unreachable: its operands are gone. */
  abandon(): void {
    this.height = this.base;
    this.unreachable = true;
  }

  spend(work: number, offset: number): void {
    this.budget.left -= work;
    if (this.budget.left < 0) throw unsupported(offset, "type checks out of all proportion to the module's size");
  }
}

function check(expected: ValueType, given: OperandType, offset: number): void {
  if (given === expected || given === unknown) return;
  throw invalid(offset, `type mismatch: expected ${typeName(expected)}, got ${typeName(given)}`);
}

function missing(expected: ValueType, offset: number) {
  return invalid(offset, `type mismatch: expected ${typeName(expected)}, the block's stack is empty`);
}
