import type { FunctionType, ValueType } from "./module.ts";

/**
 * What the validation walk over a function tells as it goes. It reports reachable code only: after an instruction that never
 * falls through (`unreachable`, `br`, `br_table`, `return`) nothing until the `else` or `end` of the same block, and nothing
 * of blocks that begin there. Reachable is meant as in the validation algorithm of the specification: the code after an
 * `end` is reachable if the block's beginning was.
 */
export interface FunctionVisitor {
  /** Every reachable instruction that does not branch, call, or open or close a block; `return` comes as a branch. */
  instruction(instruction: Instruction): void;
  /** `block`, `loop` or `if`. An `if`'s condition is popped already: `height` is without it. */
  enter(frame: ControlFrame, instruction: Instruction): void;
  /** `else`; `fallsThrough` tells whether the end of the first branch is reachable. */
  otherwise(frame: ControlFrame, fallsThrough: boolean, instruction: Instruction): void;
  /**
   * `end`, also the function's own. `frame.kind` is still `if` when there was no `else`. `fallsThrough` tells whether the
   * instruction before it reaches it; then exactly the block's results stand above `frame.height`.
   */
  leave(frame: ControlFrame, fallsThrough: boolean, instruction: Instruction): void;
  /**
   * `br` and `br_if` to `target` (the condition popped already), and `return`, whose target is the function's frame.
   * `instruction.height` is the height without the condition.
   */
  branch(target: ControlFrame, conditional: boolean, instruction: Instruction): void;
  /** `br_table`, its index popped already; the last of `targets` is the default. The array is not kept by the walk. */
  branchTable(targets: readonly ControlFrame[], instruction: Instruction): void;
  call(functionIndex: number, type: FunctionType, instruction: Instruction): void;
  callIndirect(typeIndex: number, type: FunctionType, instruction: Instruction): void;
}

/**
 * The instruction at hand. One object serves the whole walk: copy what you keep.
 *
 * | instruction | `immediate` | `high` |
 * | --- | --- | --- |
 * | `local.*`, `global.*`, `call`, `call_indirect` (type), `br`, `br_if` (depth) | index (u32) | 0 |
 * | loads, stores | offset (u32) | log2 of the alignment |
 * | `i32.const`, `f32.const` | bits (int32) | 0 |
 * | `i64.const`, `f64.const` | low half (int32) | high half (int32) |
 * | `memory.init`, `data.drop`, `table.init`, `elem.drop` | segment (u32) | 0 |
 */
export interface Instruction {
  /** One byte, or `0xfc00 |` the number after the prefix 0xfc. A `select` with a type comes as plain `select`, 0x1b. */
  opcode: number;
  /** Of the opcode in the module's bytes. */
  offset: number;
  /**
   * Operands on the stack before the instruction, all open blocks of the function included, locals not. Where operands were
   * popped already (see `FunctionVisitor`), without them.
   */
  height: number;
  immediate: number;
  high: number;
}

export interface ControlFrame {
  kind: "function" | "block" | "loop" | "if" | "else";
  /** Number of blocks around it: 0 for the function's own. */
  readonly depth: number;
  /** Of the opcode that opened it. */
  readonly offset: number;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Operands below its parameters. */
  readonly height: number;
  /** What a branch to it carries: the parameters of a loop, the results of everything else. */
  readonly branchTypes: readonly ValueType[];
  /** Some reachable branch (or `return`) has gone to it so far. */
  branchedTo: boolean;
}
