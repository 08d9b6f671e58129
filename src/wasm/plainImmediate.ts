import { invalid, malformed, unsupported } from "./errors.ts";
import type { Instruction } from "./functionVisitor.ts";
import type { Module } from "./module.ts";
import type { PlainInstruction } from "./opcodes.ts";
import type { Reader } from "./reader.ts";

/** Reads and checks what follows the opcode of a plain instruction, into `instruction.immediate` and `.high`. */
export function readImmediate(reader: Reader, module: Module, plain: PlainInstruction, instruction: Instruction): void {
  const { offset } = instruction;
  switch (plain.immediate) {
    case "none":
      return;
    case "memory argument":
      readMemoryArgument(reader, plain.log2Size, instruction);
      return requireMemory(module, offset);
    case "memory":
      readZero(reader);
      return requireMemory(module, offset);
    case "two memories":
      readZero(reader);
      readZero(reader);
      return requireMemory(module, offset);
    case "data and memory":
      instruction.immediate = readDataIndex(reader, module, offset);
      readZero(reader);
      return requireMemory(module, offset);
    case "data":
      instruction.immediate = readDataIndex(reader, module, offset);
      return;
    case "element and table":
      instruction.immediate = readElementIndex(reader, module, offset);
      return requireTable(module, reader.u32(), offset);
    case "element":
      instruction.immediate = readElementIndex(reader, module, offset);
      return;
    case "two tables":
      requireTable(module, reader.u32(), offset);
      return requireTable(module, reader.u32(), offset);
    case "i32":
      instruction.immediate = reader.s32();
      return;
    case "f32":
      instruction.immediate = reader.bits32();
      return;
    case "i64":
    case "f64":
      if (plain.immediate === "i64") reader.s64();
      else reader.bits64();
      instruction.immediate = reader.low;
      instruction.high = reader.high;
  }
}

function readMemoryArgument(reader: Reader, log2Size: number, instruction: Instruction): void {
  const { offset } = instruction;
  const alignmentOffset = reader.offset;
  const alignment = reader.u32();
  if (alignment >= 0x80) throw malformed(alignmentOffset, "malformed memop flags");
  if (alignment >= 0x40) throw unsupported(alignmentOffset, "multiple memories");
  instruction.immediate = reader.u32();
  instruction.high = alignment;
  if (alignment > log2Size) throw invalid(offset, "alignment must not be larger than natural");
}

function readZero(reader: Reader): void {
  const offset = reader.offset;
  if (reader.u32() !== 0) throw malformed(offset, "zero byte expected");
  // An index of WebAssembly with several memories: the first one's, written with more bytes than it needs.
  if (reader.offset > offset + 1) throw unsupported(offset, "a memory index of several bytes");
}

function readDataIndex(reader: Reader, module: Module, offset: number): number {
  const index = reader.u32();
  if (module.dataCount === undefined) throw malformed(offset, "data count section required");
  if (index >= module.dataCount) throw invalid(offset, `unknown data segment ${index}`);
  return index;
}

function readElementIndex(reader: Reader, module: Module, offset: number): number {
  const index = reader.u32();
  if (index >= module.elements.length) throw invalid(offset, `unknown elem segment ${index}`);
  return index;
}

function requireMemory(module: Module, offset: number): void {
  if (module.memories.length === 0) throw invalid(offset, "unknown memory 0");
}

function requireTable(module: Module, index: number, offset: number): void {
  if (index >= module.tables.length) throw invalid(offset, `unknown table ${index}`);
}
