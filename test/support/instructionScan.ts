import type { Instruction } from "../../src/wasm/functionVisitor.ts";
import type { FunctionCode, FunctionType, Module, ValueType } from "../../src/wasm/module.ts";
import { op, plainInstruction, prefixed } from "../../src/wasm/opcodes.ts";
import { readImmediate } from "../../src/wasm/plainImmediate.ts";
import { Reader } from "../../src/wasm/reader.ts";

/** An instruction of a function's text, reachable or not. */
export interface ScannedInstruction {
  readonly opcode: number;
  readonly offset: number;
  /** The index that follows, if the instruction has one: of a local, global, function, type or segment. */
  readonly index: number;
  /** Of a block, loop, if or typed select: types it names. */
  readonly types: readonly ValueType[];
}

/** Every instruction of a validated function in the order of the bytes, dead code included. */
export function* scanInstructions(module: Module, code: FunctionCode): Generator<ScannedInstruction> {
  const reader = new Reader(module.bytes, code.start, code.end);
  while (!reader.done) {
    const offset = reader.offset;
    let opcode = reader.byte();
    if (opcode === op.prefix) opcode = prefixed + reader.u32();
    yield { opcode, offset, ...readOperands(reader, module, opcode, offset) };
  }
}

function readOperands(reader: Reader, module: Module, opcode: number, offset: number) {
  const none = { index: 0, types: [] as readonly ValueType[] };
  const plain = plainInstruction(opcode);
  if (plain !== undefined) {
    const instruction: Instruction = { opcode, offset, height: 0, immediate: 0, high: 0 };
    readImmediate(reader, module, plain, instruction);
    return { index: instruction.immediate, types: [...plain.parameters, ...plain.results] };
  }
  switch (opcode) {
    case op.block:
    case op.loop:
    case op.if:
      return { ...none, types: readBlockType(reader, module) };
    case op.brTable:
      for (let left = reader.u32() + 1; left > 0; left--) reader.u32();
      return none;
    case op.typedSelect: {
      reader.u32();
      return { ...none, types: [reader.byte() as ValueType] };
    }
    case op.callIndirect: {
      const index = reader.u32();
      reader.u32();
      return { index, types: allTypes(module.types[index]!) };
    }
    case op.call: {
      const index = reader.u32();
      return { index, types: allTypes(module.types[module.functions[index]!.typeIndex]!) };
    }
    case op.globalGet:
    case op.globalSet: {
      const index = reader.u32();
      return { index, types: [module.globals[index]!.type] };
    }
    case op.br:
    case op.brIf:
    case op.localGet:
    case op.localSet:
    case op.localTee:
      return { ...none, index: reader.u32() };
    default:
      return none;
  }
}

function readBlockType(reader: Reader, module: Module): readonly ValueType[] {
  const first = reader.peek();
  if ((first & 0xc0) !== 0x40) return allTypes(module.types[reader.blockTypeIndex()]!);
  reader.skip(1);
  return first === 0x40 ? [] : [first as ValueType];
}

function allTypes({ parameters, results }: FunctionType): readonly ValueType[] {
  return [...parameters, ...results];
}
