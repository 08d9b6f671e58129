/** Modules of the test suite in the engine. */
import { hostGlobals, hostMemory, hostTable } from "./integerModule.ts";
import type { Action, Value } from "./script.ts";

/** What a call or a read of a global came to, in the engine or in the interpreter. */
export type Outcome =
  | { readonly kind: "values"; readonly values: readonly Value[] }
  | { readonly kind: "trap"; readonly message: string };

export type Registry = Map<string, WebAssembly.Exports>;

/** The host module that the suite's modules import from; `print*` do nothing. */
export function hostModule(): WebAssembly.Exports {
  const nothing = () => {};
  const numbers = Object.entries(hostGlobals).map(([name, value]) => {
    return [name, new WebAssembly.Global({ value: name.slice(7) as "i32", mutable: false }, value as number)] as const;
  });
  const printers = ["", "_i32", "_i64", "_f32", "_f64", "_i32_f32", "_f64_f64"];
  return {
    ...Object.fromEntries(numbers),
    ...Object.fromEntries(printers.map((name) => [`print${name}`, nothing])),
    memory: new WebAssembly.Memory({ initial: hostMemory.minimum, maximum: hostMemory.maximum }),
    table: new WebAssembly.Table({ initial: hostTable.minimum, maximum: hostTable.maximum, element: "anyfunc" }),
  } as WebAssembly.Exports;
}

export function instantiate(bytes: Uint8Array, registry: Registry): WebAssembly.Instance {
  const imports = Object.fromEntries(registry) as WebAssembly.Imports;
  return new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), imports);
}

/**
 * @param types of the results; of a global, its one type
 */
export function perform(exports: WebAssembly.Exports, action: Action, types: readonly Value["type"][]): Outcome {
  const target = exports[action.name];
  try {
    const given =
      action.kind === "get"
        ? (target as WebAssembly.Global).value
        : (target as (...values: unknown[]) => unknown)(...action.values.map(toEngine));
    const list = types.length === 0 ? [] : Array.isArray(given) ? given : [given];
    return { kind: "values", values: list.map((value, i) => fromEngine(value, types[i] ?? "reference")) };
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      return { kind: "trap", message: trapMessage(error.message) };
    }
    throw error;
  }
}

function toEngine(value: Value): unknown {
  if ("bits" in value) return value.type === "i32" ? Number(BigInt.asIntN(32, value.bits)) : value.bits;
  if ("number" in value) return value.number;
  return value.isNull ? null : value;
}

function fromEngine(value: unknown, type: Value["type"]): Value {
  if (type === "i32") return { type, bits: BigInt.asUintN(32, BigInt(value as number)) };
  if (type === "i64") return { type, bits: BigInt.asUintN(64, value as bigint) };
  return type === "reference" ? { type, isNull: value === null } : { type, number: value as number };
}

const engineMessages: readonly (readonly [RegExp, string])[] = [
  [/^unreachable/, "unreachable"],
  [/^(divide|remainder) by zero/, "integer divide by zero"],
  [/^divide result unrepresentable/, "integer overflow"],
  [/^memory access out of bounds|^data segment .* out of bounds/, "out of bounds memory access"],
  [/^table index is out of bounds|^element segment out of bounds/, "out of bounds table access"],
  [/^null function or function signature/, "indirect call"],
  [/^Maximum call stack/, "call stack exhausted"],
];

/** The suite's name for a trap of the engine. */
function trapMessage(message: string): string {
  return engineMessages.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}

/** Every name that the suite has for a trap of the engine or of the interpreter. */
export function trapNames(message: string): string[] {
  const all = [message, ...suiteNames];
  return all.filter((name) => trapClass(name) === trapClass(message));
}

/** Names of the suite besides those that traps have here. */
const suiteNames = ["uninitialized element", "indirect call type mismatch", "undefined element"];

/** The suite has several names for some traps; this is the one that the engine's and the interpreter's are compared in. */
export function trapClass(message: string): string {
  if (/^(uninitialized element|indirect call)/.test(message)) return "indirect call";
  if (/^undefined element/.test(message)) return "out of bounds table access";
  return message;
}
