/** Lowers the body of one function while validation walks over it (`README.md`, "Lowering"). */
import { AssayError } from "../../core/errors.ts";
import type { ControlFrame, FunctionVisitor, Instruction } from "../../wasm/functionVisitor.ts";
import type { FunctionType } from "../../wasm/module.ts";
import { instructionName } from "../../wasm/opcodes.ts";
import { Op, opcodeOf } from "../opcodes.ts";
import type { StackUse } from "../stackBound.ts";
import { type CodeBuffer, type Label, newLabel } from "./codeBuffer.ts";

/** What functions of one module share while they are lowered. */
export interface ModuleLowering {
  readonly code: CodeBuffer;
  /** Where each function begins. */
  readonly entries: readonly Label[];
  /** By type index: the structurally interned type id. */
  readonly typeIds: readonly number[];
  /** Node of the call graph that stands for the table's functions of a type id. */
  tableNode(typeId: number): number;
}

/** Slots between the arguments and the frame record of a function: room for results that are more than they. */
export function gapOf(parameters: number, results: number): number {
  return Math.max(0, results - parameters);
}

function gapOfType({ parameters, results }: FunctionType): number {
  return gapOf(parameters.length, results.length);
}

/** What lowering remembers of an open block. */
interface Block {
  /** Where a branch to it goes; a branch to the function's own block is a return. */
  readonly target: Label;
  /** Where an `if` goes when its condition does not hold. */
  readonly otherwise: Label;
}

/** Instructions of the binary format whose number is another one in the machine. */
const renumbered: ReadonlyMap<number, number> = new Map([
  [0x00, Op.unreachable],
  [0xfc0a, Op.memoryCopy],
  [0xfc0b, Op.memoryFill],
]);

const nop = 0x01;
const firstPlain = Op.drop;

export class FunctionLowering implements FunctionVisitor {
  private readonly code: CodeBuffer;
  /** By depth. */
  private readonly blocks: Block[] = [{ target: newLabel(), otherwise: newLabel() }];
  private readonly calls = new Map<number, number>();
  private maxHeight = 0;

  /** Emits the zeroing of the declared locals: the function begins here. */
  constructor(
    private readonly module: ModuleLowering,
    private readonly type: FunctionType,
    private readonly declaredLocals: number,
  ) {
    this.code = module.code;
    for (let i = 0; i < declaredLocals; i++) this.code.emit(Op.i64Const, 0);
  }

  stackUse(): StackUse {
    const { maxHeight, calls } = this;
    return { frameSlots: gapOfType(this.type) + 1 + this.declaredLocals, maxHeight, calls };
  }

  instruction(instruction: Instruction): void {
    const { opcode, immediate, high, height } = instruction;
    this.see(height);
    switch (opcode) {
      case nop:
        return;
      case Op.localGet:
      case Op.localSet:
      case Op.localTee:
        return this.code.emit(opcode, this.frameDistance(immediate));
      case Op.i64Const:
        this.code.emit(opcode, immediate);
        if (high !== immediate >> 31) this.code.emit(Op.i64ConstHigh, high);
        return;
      default: {
        const number = renumbered.get(opcode) ?? (opcode < firstPlain ? -1 : opcode);
        if (opcodeOf[number] === undefined) throw refusedInstruction(instruction);
        this.code.emit(number, immediate);
      }
    }
  }

  enter({ kind, depth }: ControlFrame, { height }: Instruction): void {
    this.see(height + 1);
    const block = { target: newLabel(), otherwise: newLabel() };
    if (kind === "loop") this.code.place(block.target);
    if (kind === "if") this.code.emitTo(Op.jumpUnless, block.otherwise);
    this.blocks[depth] = block;
  }

  otherwise({ depth }: ControlFrame, fallsThrough: boolean, { height }: Instruction): void {
    this.see(height);
    const { target, otherwise } = this.blocks[depth]!;
    if (fallsThrough) this.code.emitTo(Op.jump, target);
    this.code.place(otherwise);
  }

  leave({ kind, depth }: ControlFrame, fallsThrough: boolean, { height }: Instruction): void {
    if (fallsThrough) this.see(height);
    const { target, otherwise } = this.blocks[depth]!;
    if (kind === "if") this.code.place(otherwise);
    if (kind === "function") {
      if (fallsThrough) this.emitReturn(height);
    } else if (kind !== "loop") {
      this.code.place(target);
    }
  }

  branch(target: ControlFrame, conditional: boolean, { height }: Instruction): void {
    this.see(conditional ? height + 1 : height);
    if (!conditional) return this.emitBranch(target, height);
    if (target.kind !== "function" && dropped(target, height) === 0) {
      return this.code.emitTo(Op.jumpIf, this.blocks[target.depth]!.target);
    }
    const over = newLabel();
    this.code.emitTo(Op.jumpUnless, over);
    this.emitBranch(target, height);
    this.code.place(over);
  }

  branchTable(targets: readonly ControlFrame[], { height }: Instruction): void {
    this.see(height + 1);
    const trampolines = new Map<ControlFrame, Label>();
    this.code.emit(Op.jumpTable, targets.length - 1);
    for (const target of targets) {
      const moves = target.branchTypes.length > 0 && dropped(target, height) > 0;
      if (target.kind !== "function" && !moves) {
        this.code.emitTo(Op.jump, this.blocks[target.depth]!.target, dropped(target, height));
        continue;
      }
      const trampoline = trampolines.get(target) ?? newLabel();
      trampolines.set(target, trampoline);
      this.code.emitTo(Op.jump, trampoline);
    }
    for (const [target, trampoline] of trampolines) {
      this.code.place(trampoline);
      this.emitBranch(target, height);
    }
  }

  call(functionIndex: number, type: FunctionType, { height }: Instruction): void {
    this.see(height);
    this.noteCall(functionIndex, height);
    this.code.emitTo(Op.call, this.module.entries[functionIndex]!, gapOfType(type));
  }

  callIndirect(typeIndex: number, type: FunctionType, { height }: Instruction): void {
    this.see(height);
    const typeId = this.module.typeIds[typeIndex]!;
    // The index is above the arguments.
    this.noteCall(this.module.tableNode(typeId), height - 1);
    this.code.emit(Op.callIndirect, typeId, gapOfType(type));
  }

  private see(height: number): void {
    this.maxHeight = Math.max(this.maxHeight, height);
  }

  private noteCall(node: number, height: number): void {
    this.calls.set(node, Math.max(height, this.calls.get(node) ?? 0));
  }

  /** Distance of a local from the frame record. */
  private frameDistance(local: number): number {
    const parameters = this.type.parameters.length;
    return local < parameters ? local - parameters - gapOfType(this.type) : local - parameters + 1;
  }

  private emitBranch(target: ControlFrame, height: number): void {
    if (target.kind === "function") return this.emitReturn(height);
    const distance = dropped(target, height);
    if (distance > 0) this.emitMoves(target.branchTypes.length, distance);
    this.code.emitTo(Op.jump, this.blocks[target.depth]!.target, distance);
  }

  /** Moves the results to where the parameters began, and pops the frame. */
  private emitReturn(height: number): void {
    const parameters = this.type.parameters.length;
    const results = this.type.results.length;
    // From `sp` down to the first parameter's slot: operands, declared locals, frame record, gap, parameters.
    const depth = height + this.declaredLocals + 1 + gapOfType(this.type) + parameters;
    this.emitMoves(results, depth - results);
    this.code.emit(Op.return, 0, Math.max(0, parameters - results));
  }

  /** Moves the top `count` values `distance` slots down, the lowest first, so that none is overwritten before it is read. */
  private emitMoves(count: number, distance: number): void {
    for (let i = count; i > 0; i--) this.code.emit(Op.move, i + distance, i);
  }
}

/** Operands between those that a branch takes along and those that stay. */
function dropped(target: ControlFrame, height: number): number {
  return height - target.branchTypes.length - target.height;
}

/** Floats, segments that the engine alone could drop, and tables that change. */
function refusedInstruction({ opcode, offset }: Instruction) {
  const name = instructionName(opcode);
  const message = `the machine has no ${name} (at byte ${offset})`;
  return new AssayError("machine/unsupported-module", message, { opcode, offset, instruction: name });
}
