import { invalid, malformed, unsupported } from "./errors.ts";
import type { ControlFrame, FunctionVisitor, Instruction } from "./functionVisitor.ts";
import { limits } from "./limits.ts";
import { LocalTypes } from "./localTypes.ts";
import type { FunctionCode, FunctionType, Module, ValueType } from "./module.ts";
import { valueType } from "./module.ts";
import { op, plainInstruction, prefixed, unknownOpcode } from "./opcodes.ts";
import { type Budget, OperandStack, unknown } from "./operandStack.ts";
import { readImmediate } from "./plainImmediate.ts";
import { Reader } from "./reader.ts";
import { readValueType } from "./valueTypes.ts";

interface Frame extends ControlFrame {
  /** The block began in unreachable code: nothing of it is reported. */
  readonly dead: boolean;
  /** Of the blocks outside, to go back to. */
  readonly outerBase: number;
  readonly outerUnreachable: boolean;
}

const nothing: readonly ValueType[] = [];

/**
 * Validates the function with the given index (imports counted) and tells `visitor` what it is made of: the one walk and the
 * one type checker for validation, lowering and everything else that reads code. The module must have been decoded;
 * everything outside functions is checked by `validateModule`.
 * @throws AssayError `wasm/malformed`, `wasm/invalid`, `wasm/unsupported`.
 */
export function walkFunction(
  module: Module,
  functionIndex: number,
  visitor: FunctionVisitor,
  budget: Budget = { left: Number.POSITIVE_INFINITY },
): void {
  const definition = module.functions[functionIndex];
  if (definition?.code === undefined) throw invalid(definition?.offset ?? 0, `function ${functionIndex} has no code`);
  const type = module.types[definition.typeIndex];
  if (type === undefined) throw invalid(definition.offset, `unknown type ${definition.typeIndex}`);
  new FunctionWalk(module, type, definition.code, visitor, budget).walk();
}

class FunctionWalk {
  private readonly reader: Reader;
  private readonly stack: OperandStack;
  private readonly frames: Frame[] = [];
  /** The innermost open block. */
  private frame!: Frame;
  private readonly instruction: Instruction = { opcode: 0, offset: 0, height: 0, immediate: 0, high: 0 };
  private readonly locals: LocalTypes;

  constructor(
    private readonly module: Module,
    private readonly type: FunctionType,
    code: FunctionCode,
    private readonly visitor: FunctionVisitor,
    budget: Budget,
  ) {
    this.reader = new Reader(module.bytes, code.start, code.end);
    this.stack = new OperandStack(budget);
    this.locals = new LocalTypes(type, code);
  }

  walk(): void {
    const { reader, instruction } = this;
    this.open("function", nothing, this.type.results, reader.offset);
    while (this.frames.length > 0) {
      instruction.offset = reader.offset;
      instruction.immediate = 0;
      instruction.high = 0;
      let opcode = reader.byte();
      if (opcode === op.prefix) opcode = prefixed + reader.u32();
      instruction.opcode = opcode;
      instruction.height = this.stack.height;
      const plain = plainInstruction(opcode);
      if (plain === undefined || opcode === op.unreachable) this.structured(opcode);
      else {
        readImmediate(reader, this.module, plain, instruction);
        this.stack.popAll(plain.parameters, instruction.offset);
        this.stack.pushAll(plain.results, instruction.offset);
        this.report();
      }
    }
    if (!reader.done) throw malformed(reader.offset, "section size mismatch: code after the function's end");
  }

  private get live(): boolean {
    return !this.stack.unreachable && !this.frame.dead;
  }

  private report(): void {
    if (this.live) this.visitor.instruction(this.instruction);
  }

  private structured(opcode: number): void {
    const { instruction, stack } = this;
    const { offset } = instruction;
    switch (opcode) {
      case op.unreachable:
        this.report();
        return stack.abandon();
      case op.block:
      case op.loop:
      case op.if:
        return this.block(opcode);
      case op.else:
        return this.otherwise();
      case op.end:
        return this.close();
      case op.br:
      case op.brIf:
        return this.branch(opcode === op.brIf);
      case op.brTable:
        return this.branchTable();
      case op.return: {
        const target = this.frames[0]!;
        stack.popAll(target.branchTypes, offset);
        this.reportBranch(target, false);
        return stack.abandon();
      }
      case op.call: {
        const index = this.index();
        const definition = this.module.functions[index];
        if (definition === undefined) throw invalid(offset, `unknown function ${index}`);
        const type = this.typeOf(definition.typeIndex);
        this.apply(type);
        if (this.live) this.visitor.call(index, type, instruction);
        return;
      }
      case op.callIndirect:
        return this.callIndirect();
      case op.drop:
        stack.popAny(offset);
        return this.report();
      case op.select:
        return this.select();
      case op.typedSelect:
        return this.typedSelect();
      case op.localGet:
        stack.push(this.localType(this.index()), offset);
        return this.report();
      case op.localSet:
        stack.pop(this.localType(this.index()), offset);
        return this.report();
      case op.localTee: {
        const type = this.localType(this.index());
        stack.pop(type, offset);
        stack.push(type, offset);
        return this.report();
      }
      case op.globalGet:
        stack.push(this.global(this.index()).type, offset);
        return this.report();
      case op.globalSet: {
        const global = this.global(this.index());
        if (!global.mutable) throw invalid(offset, "global is immutable");
        stack.pop(global.type, offset);
        return this.report();
      }
      default:
        throw unknownOpcode(offset, opcode);
    }
  }

  private block(opcode: number): void {
    const { instruction, stack } = this;
    const { offset } = instruction;
    const type = this.blockType();
    if (opcode === op.if) stack.pop(valueType.i32, offset);
    stack.popAll(type.parameters, offset);
    const kind = opcode === op.block ? "block" : opcode === op.loop ? "loop" : "if";
    this.open(kind, type.parameters, type.results, offset);
    if (this.live) {
      instruction.height = stack.height;
      this.visitor.enter(this.frame, instruction);
    }
  }

  private otherwise(): void {
    const { frame, instruction, stack } = this;
    if (frame.kind !== "if") throw malformed(instruction.offset, "else without if");
    const fallsThrough = !stack.unreachable;
    this.finishBlock();
    frame.kind = "else";
    stack.unreachable = false;
    stack.pushAll(frame.parameters, instruction.offset);
    if (!frame.dead) this.visitor.otherwise(frame, fallsThrough, instruction);
  }

  private close(): void {
    const { frame, instruction, stack } = this;
    const { offset } = instruction;
    const fallsThrough = !stack.unreachable;
    this.finishBlock();
    if (frame.kind === "if" && !sameTypes(frame.parameters, frame.results)) {
      throw invalid(offset, "type mismatch: an if without else must have the same parameters and results");
    }
    if (!frame.dead) this.visitor.leave(frame, fallsThrough, instruction);
    this.frames.pop();
    stack.base = frame.outerBase;
    stack.unreachable = frame.outerUnreachable;
    if (this.frames.length === 0) return;
    this.frame = this.frames[this.frames.length - 1]!;
    stack.pushAll(frame.results, offset);
  }

  /** Takes the results of a block, or of the first branch of an `if`, and checks that nothing is left over. */
  private finishBlock(): void {
    const { frame, stack } = this;
    const { offset } = this.instruction;
    stack.popAll(frame.results, offset);
    if (stack.height !== stack.base) {
      throw invalid(offset, `type mismatch: ${stack.height - stack.base} operands left at the end of the block`);
    }
  }

  private branch(conditional: boolean): void {
    const { instruction, stack } = this;
    const target = this.target(this.index());
    if (conditional) stack.pop(valueType.i32, instruction.offset);
    const height = stack.height;
    stack.popAll(target.branchTypes, instruction.offset);
    if (this.live) {
      instruction.height = height;
      this.reportBranch(target, conditional);
    }
    if (conditional) stack.pushAll(target.branchTypes, instruction.offset);
    else stack.abandon();
  }

  private reportBranch(target: Frame, conditional: boolean): void {
    if (!this.live) return;
    target.branchedTo = true;
    this.visitor.branch(target, conditional, this.instruction);
  }

  private branchTable(): void {
    const { instruction, reader, stack } = this;
    const { offset } = instruction;
    stack.pop(valueType.i32, offset);
    instruction.height = stack.height;
    const targets: Frame[] = [];
    let arity = -1;
    for (let left = reader.count("br_table targets", limits.branchTargets) + 1; left > 0; left--) {
      const target = this.target(reader.u32());
      targets.push(target);
      if (arity < 0) arity = target.branchTypes.length;
      if (target.branchTypes.length !== arity) {
        throw invalid(
          offset,
          `type mismatch: br_table to labels of ${arity} and of ${target.branchTypes.length} values`,
        );
      }
      stack.checkTop(target.branchTypes, offset);
    }
    if (this.live) {
      for (const target of targets) target.branchedTo = true;
      this.visitor.branchTable(targets, instruction);
    }
    stack.abandon();
  }

  private callIndirect(): void {
    const { instruction, module, reader, stack } = this;
    const { offset } = instruction;
    const typeIndex = this.index();
    const tableIndex = reader.u32();
    if (tableIndex >= module.tables.length) throw invalid(offset, `unknown table ${tableIndex}`);
    const type = this.typeOf(typeIndex);
    stack.pop(valueType.i32, offset);
    this.apply(type);
    if (this.live) this.visitor.callIndirect(typeIndex, type, instruction);
  }

  private apply(type: FunctionType): void {
    this.stack.popAll(type.parameters, this.instruction.offset);
    this.stack.pushAll(type.results, this.instruction.offset);
  }

  private select(): void {
    const { stack } = this;
    const { offset } = this.instruction;
    stack.pop(valueType.i32, offset);
    const second = stack.popAny(offset);
    if (second === unknown) stack.push(stack.popAny(offset), offset);
    else {
      stack.pop(second, offset);
      stack.push(second, offset);
    }
    this.report();
  }

  private typedSelect(): void {
    const { instruction, reader, stack } = this;
    const { offset } = instruction;
    if (reader.count("types of a select", limits.results) !== 1) throw invalid(offset, "invalid result arity");
    const type = readValueType(reader);
    stack.pop(valueType.i32, offset);
    stack.pop(type, offset);
    stack.pop(type, offset);
    stack.push(type, offset);
    instruction.opcode = op.select;
    this.report();
  }

  private open(
    kind: "function" | "block" | "loop" | "if",
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    offset: number,
  ): void {
    const { frames, stack } = this;
    if (frames.length >= limits.nesting)
      throw unsupported(offset, `more than ${limits.nesting} blocks inside each other`);
    this.frame = {
      kind,
      depth: frames.length,
      offset,
      parameters,
      results,
      height: stack.height,
      branchTypes: kind === "loop" ? parameters : results,
      branchedTo: false,
      dead: frames.length > 0 && !this.live,
      outerBase: stack.base,
      outerUnreachable: stack.unreachable,
    };
    frames.push(this.frame);
    stack.base = stack.height;
    stack.unreachable = false;
    stack.pushAll(parameters, offset);
  }

  private blockType(): FunctionType {
    const { reader } = this;
    const first = reader.peek();
    if (first === 0x40) {
      reader.skip(1);
      return noValues;
    }
    if ((first & 0xc0) !== 0x40) return this.typeOf(reader.blockTypeIndex());
    return singleResult[readValueType(reader)];
  }

  private index(): number {
    const index = this.reader.u32();
    this.instruction.immediate = index;
    return index;
  }

  private target(label: number): Frame {
    const target = this.frames[this.frames.length - 1 - label];
    if (target === undefined) throw invalid(this.instruction.offset, `unknown label ${label}`);
    return target;
  }

  private typeOf(typeIndex: number): FunctionType {
    const type = this.module.types[typeIndex];
    if (type === undefined) throw invalid(this.instruction.offset, `unknown type ${typeIndex}`);
    return type;
  }

  private global(index: number) {
    const global = this.module.globals[index];
    if (global === undefined) throw invalid(this.instruction.offset, `unknown global ${index}`);
    return global;
  }

  private localType(index: number): ValueType {
    const type = this.locals.typeOf(index);
    if (type === undefined) throw invalid(this.instruction.offset, `unknown local ${index}`);
    return type;
  }
}

const noValues: FunctionType = { parameters: nothing, results: nothing };
const singleResult: Readonly<Record<ValueType, FunctionType>> = {
  [valueType.i32]: { parameters: nothing, results: [valueType.i32] },
  [valueType.i64]: { parameters: nothing, results: [valueType.i64] },
  [valueType.f32]: { parameters: nothing, results: [valueType.f32] },
  [valueType.f64]: { parameters: nothing, results: [valueType.f64] },
};

function sameTypes(a: readonly ValueType[], b: readonly ValueType[]): boolean {
  return a === b || (a.length === b.length && a.every((type, i) => type === b[i]));
}
