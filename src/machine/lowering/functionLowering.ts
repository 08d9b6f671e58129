/**
 * Lowers the body of one function, instruction by instruction (`README.md`, "Lowering"). It is told of reachable code only
 * and of the heights that validation found; it decides nothing but which instructions of the machine to emit.
 */
import { Op } from "../opcodes.ts";
import { type CodeBuffer, type Label, newLabel } from "./codeBuffer.ts";

/** Numbers of parameters and results. */
export interface Arity {
  readonly parameters: number;
  readonly results: number;
}

/** Slots between the arguments and the frame record of a function: room for results that are more than they. */
export function gapOf({ parameters, results }: Arity): number {
  return Math.max(0, results - parameters);
}

export type BlockKind = "function" | "block" | "loop" | "if";

interface Frame {
  readonly kind: BlockKind;
  /** Where a branch to this block goes. Unused by the function's own. */
  readonly target: Label;
  /** Of an `if` whose `else` has not come yet. */
  otherwise: Label | undefined;
  /** Operands below the block's parameters. */
  readonly baseHeight: number;
  /** Values that a branch to this block takes along. */
  readonly branchValues: number;
}

export class FunctionLowering {
  private readonly frames: Frame[] = [];

  /** Emits the zeroing of the declared locals: the function begins here. */
  constructor(
    private readonly code: CodeBuffer,
    private readonly arity: Arity,
    private readonly declaredLocals: number,
  ) {
    for (let i = 0; i < declaredLocals; i++) code.emit(Op.i64Const, 0);
    this.frames.push({
      kind: "function",
      target: newLabel(),
      otherwise: undefined,
      baseHeight: 0,
      branchValues: arity.results,
    });
  }

  /** Distance of a local from the frame record. */
  frameDistance(local: number): number {
    const { parameters } = this.arity;
    return local < parameters ? local - parameters - gapOf(this.arity) : local - parameters + 1;
  }

  /** `height`: operands when the block begins, its parameters among them, the condition of an `if` not. */
  enter(kind: "block" | "loop" | "if", arity: Arity, height: number): void {
    const target = newLabel();
    const otherwise = kind === "if" ? newLabel() : undefined;
    if (kind === "loop") this.code.place(target);
    if (otherwise !== undefined) this.code.emitTo(Op.jumpUnless, otherwise);
    this.frames.push({
      kind,
      target,
      otherwise,
      baseHeight: height - arity.parameters,
      branchValues: kind === "loop" ? arity.parameters : arity.results,
    });
  }

  /** `reachable`: whether the end of the first arm is. */
  otherwise(reachable: boolean): void {
    const frame = this.frames.at(-1)!;
    if (reachable) this.code.emitTo(Op.jump, frame.target);
    this.code.place(frame.otherwise!);
    frame.otherwise = undefined;
  }

  /** The end of a block, or of the function. `reachable`: whether the code before it is; `height`: operands there. */
  end(reachable: boolean, height: number): void {
    const frame = this.frames.pop()!;
    if (frame.otherwise !== undefined) this.code.place(frame.otherwise);
    if (frame.kind === "function") {
      if (reachable) this.emitReturn(height);
    } else if (frame.kind !== "loop") {
      this.code.place(frame.target);
    }
  }

  /** `height`: operands before the branch. */
  branch(depth: number, height: number): void {
    this.emitBranch(this.frameAt(depth), height);
  }

  /** `height`: operands before the branch, its condition not among them. */
  branchIf(depth: number, height: number): void {
    const frame = this.frameAt(depth);
    if (frame.kind !== "function" && this.dropped(frame, height) === 0) {
      this.code.emitTo(Op.jumpIf, frame.target);
      return;
    }
    const over = newLabel();
    this.code.emitTo(Op.jumpUnless, over);
    this.emitBranch(frame, height);
    this.code.place(over);
  }

  /** `depths`: the targets, the default last. `height`: operands before the branch, its index not among them. */
  branchTable(depths: readonly number[], height: number): void {
    const trampolines = new Map<number, Label>();
    this.code.emit(Op.jumpTable, depths.length - 1);
    for (const depth of depths) {
      const frame = this.frameAt(depth);
      if (frame.kind !== "function" && (frame.branchValues === 0 || this.dropped(frame, height) === 0)) {
        this.code.emitTo(Op.jump, frame.target, this.dropped(frame, height));
        continue;
      }
      const trampoline = trampolines.get(depth) ?? newLabel();
      trampolines.set(depth, trampoline);
      this.code.emitTo(Op.jump, trampoline);
    }
    for (const [depth, trampoline] of trampolines) {
      this.code.place(trampoline);
      this.emitBranch(this.frameAt(depth), height);
    }
  }

  /** `height`: operands before it. */
  emitReturn(height: number): void {
    const { parameters, results } = this.arity;
    // From `sp` down to the first parameter's slot: operands, declared locals, frame record, gap, parameters.
    const distance = height + this.declaredLocals + 1 + gapOf(this.arity) + parameters;
    this.emitMoves(results, distance - results);
    this.code.emit(Op.return, 0, Math.max(0, parameters - results));
  }

  private emitBranch(frame: Frame, height: number): void {
    if (frame.kind === "function") {
      this.emitReturn(height);
      return;
    }
    const dropped = this.dropped(frame, height);
    if (dropped > 0) this.emitMoves(frame.branchValues, dropped);
    this.code.emitTo(Op.jump, frame.target, dropped);
  }

  /** Moves the top `count` values `distance` slots down, the lowest first, so that none is overwritten before it is read. */
  private emitMoves(count: number, distance: number): void {
    for (let i = count; i > 0; i--) this.code.emit(Op.move, i + distance, i);
  }

  private dropped(frame: Frame, height: number): number {
    return height - frame.branchValues - frame.baseHeight;
  }

  private frameAt(depth: number): Frame {
    return this.frames[this.frames.length - 1 - depth]!;
  }
}
