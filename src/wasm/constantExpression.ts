import { invalid, unsupported } from "./errors.ts";
import { type ConstantExpression, nullFunction, valueType } from "./module.ts";
import { isKnown, op, prefixed, unknownOpcode } from "./opcodes.ts";
import type { Reader } from "./reader.ts";
import { readFunctionReference } from "./valueTypes.ts";

type Constant = ConstantExpression | { readonly kind: "function"; readonly index: number; readonly offset: number };

/** Additions, subtractions and multiplications that later WebAssembly allows in constant expressions. */
const extended = new Set([0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e]);

/**
 * Reads the initial value of a global, or where a segment goes: one `*.const` or `global.get` and `end`. This is the one
 * place that checks that an expression is constant, hence the refusals as invalid. Types and indices are not checked here.
 */
export function readConstantExpression(reader: Reader): ConstantExpression {
  const constant = readConstant(reader);
  if (constant.kind === "function")
    throw invalid(constant.offset, "type mismatch: expected a number, got a function reference");
  return constant;
}

/** Reads one element of an element segment given by expressions: a function index, or `nullFunction`. */
export function readFunctionExpression(reader: Reader): number {
  const constant = readConstant(reader);
  if (constant.kind === "function") return constant.index;
  throw invalid(constant.offset, "type mismatch: expected a function reference, got a number");
}

function readConstant(reader: Reader): Constant {
  const start = reader.offset;
  let constant: Constant | undefined;
  let count = 0;
  let calculates = false;
  for (;;) {
    const offset = reader.offset;
    let opcode = reader.byte();
    if (opcode === op.prefix) opcode = prefixed + reader.u32();
    if (opcode === op.end) break;
    if (extended.has(opcode)) calculates = true;
    else {
      constant = readOne(reader, opcode, offset);
      count++;
    }
  }
  if (calculates) throw unsupported(start, "extended constant expressions");
  if (constant === undefined || count !== 1) throw invalid(start, `type mismatch: ${count} values instead of one`);
  return constant;
}

function readOne(reader: Reader, opcode: number, offset: number): Constant {
  switch (opcode) {
    case op.i32Const:
      return { kind: "constant", type: valueType.i32, low: reader.s32(), high: 0, offset };
    case op.i64Const:
      reader.s64();
      return { kind: "constant", type: valueType.i64, low: reader.low, high: reader.high, offset };
    case op.f32Const:
      return { kind: "constant", type: valueType.f32, low: reader.bits32(), high: 0, offset };
    case op.f64Const:
      reader.bits64();
      return { kind: "constant", type: valueType.f64, low: reader.low, high: reader.high, offset };
    case op.globalGet:
      return { kind: "global", index: reader.u32(), offset };
    case op.refFunc:
      return { kind: "function", index: reader.u32(), offset };
    case op.refNull:
      readFunctionReference(reader);
      return { kind: "function", index: nullFunction, offset };
    default:
      throw isKnown(opcode) ? invalid(offset, "constant expression required") : unknownOpcode(offset, opcode);
  }
}
