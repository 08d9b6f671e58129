import { malformed, unsupported } from "./errors.ts";
import type { ValueType } from "./module.ts";
import type { Reader } from "./reader.ts";

const names: Readonly<Record<ValueType, string>> = { 127: "i32", 126: "i64", 125: "f32", 124: "f64" };

export function typeName(type: ValueType): string {
  return names[type];
}

export function typeNames(types: readonly ValueType[]): string {
  return `[${types.map(typeName).join(" ")}]`;
}

/** A number type. Later types are refused as unsupported, bytes that are no type as malformed. */
export function readValueType(reader: Reader): ValueType {
  const offset = reader.offset;
  const byte = reader.byte();
  if (byte >= 0x7c && byte <= 0x7f) return byte as ValueType;
  throw unknownType(offset, byte);
}

/** Reads the type of a table's elements: `funcref` is the only one. */
export function readFunctionReference(reader: Reader): void {
  const offset = reader.offset;
  const byte = reader.byte();
  if (byte === 0x70) return;
  if (byte === 0x40) throw unsupported(offset, "tables with an initial value");
  if (byte >= 0x7b && byte <= 0x7f) throw malformed(offset, "malformed reference type");
  throw unknownType(offset, byte);
}

function unknownType(offset: number, byte: number) {
  if (byte === 0x7b) return unsupported(offset, "SIMD (v128)");
  if (byte === 0x70 || byte === 0x6f) return unsupported(offset, "reference types");
  if ((byte >= 0x68 && byte <= 0x75) || byte === 0x63 || byte === 0x64)
    return unsupported(offset, "garbage collection");
  return malformed(offset, `malformed value type 0x${byte.toString(16)}`);
}
