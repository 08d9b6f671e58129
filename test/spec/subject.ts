/** An integer module of the suite twice: in the engine and in the interpreter. */
import { isAssayError } from "../../src/core/errors.ts";
import { continueInvocation, startInvocation } from "../../src/machine/invocation.ts";
import { lowerModule } from "../../src/machine/lowering/lowerModule.ts";
import { emptyState, type MachineProgram } from "../../src/machine/program.ts";
import type { MachineState } from "../../src/machine/state.ts";
import { decodeModule } from "../../src/wasm/decodeModule.ts";
import { exportGlobals } from "../../src/wasm/exportGlobals.ts";
import type { Module } from "../../src/wasm/module.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import { type IntegerModule, integerModule } from "./integerModule.ts";
import { instantiate, type Outcome, perform, trapClass } from "./nativeModule.ts";
import type { Action, Value } from "./script.ts";

const maxSteps = 2 ** 28;
const maxPages = 256;
/** Trap code of the interpreter when the stack is full. */
export const stackOutOfBounds = "stack out of bounds";

const trapNames: readonly string[] = [
  "",
  "unreachable",
  "integer divide by zero",
  "integer overflow",
  "out of bounds memory access",
  "out of bounds table access",
  "uninitialized element",
  "indirect call type mismatch",
  "illegal instruction",
  "bad pc",
  stackOutOfBounds,
  "bad scratch",
];

/** One call into the interpreter. */
export interface Invocation {
  readonly functionIndex: number;
  readonly operands: readonly bigint[];
}

export class Subject {
  /** Calls made so far, to be made again by those who want to see the steps. */
  readonly invocations: Invocation[] = [];
  /** Why engine or interpreter may be in another state than the suite assumes. */
  diverged: string | undefined;

  private constructor(
    readonly module: Module,
    readonly integers: IntegerModule,
    readonly program: MachineProgram,
    readonly state: MachineState,
    readonly native: WebAssembly.Exports,
    private readonly globalNames: ReadonlyMap<number, string>,
  ) {
    if (integers.startReplaced) this.diverged = "floats";
  }

  /**
   * @returns the module's two instances, or why it cannot run in the machine
   * @throws AssayError `machine/segment-out-of-bounds` when both refuse its segments
   */
  static create(original: Module): Subject | string {
    const integers = integerModule(original);
    if (integers === undefined) return "linking of several modules";
    const module = decodeModule(integers.bytes);
    validateModule(module);
    const pages = module.memories[0]?.limits.minimum ?? 0;
    if (pages > maxPages) return `memory of more than ${maxPages} pages`;
    const { bytes, names } = exportGlobals(module);
    let program: MachineProgram;
    try {
      ({ program } = lowerModule(module));
    } catch (error) {
      if (!isAssayError(error, "machine/unsupported-module")) throw error;
      return error.message.replace(/ \(at byte \d+\)/, "");
    }
    const native = instantiate(bytes, new Map()).exports;
    return new Subject(original, integers, program, emptyState(program), native, names);
  }

  /** What the start function comes to; nothing if there is none. */
  runStart(): { native: Outcome; interpreter: Outcome } | undefined {
    const { start } = this.integers;
    if (start === undefined) return undefined;
    return this.perform({ kind: "invoke", module: undefined, name: start.name, values: [] }, start.index);
  }

  /** Index of what an action names in the functions or globals of the module. */
  indexOf(action: Action): number {
    const kind = action.kind === "get" ? "global" : "function";
    return this.module.exports.find((entry) => entry.name === action.name && entry.kind === kind)!.index;
  }

  perform(action: Action, index: number): { native: Outcome; interpreter: Outcome } {
    const types = this.resultTypes(action, index);
    const native = perform(this.native, action, types);
    if (action.kind === "get") {
      return { native, interpreter: { kind: "values", values: [this.readGlobal(index, types[0]!)] } };
    }
    return { native, interpreter: this.interpret(index, action.values, types) };
  }

  private interpret(functionIndex: number, values: readonly Value[], types: readonly Value["type"][]): Outcome {
    const { program, state } = this;
    const operands = values.map((value) => ("bits" in value ? value.bits : 0n));
    this.invocations.push({ functionIndex, operands });
    startInvocation(state, program, functionIndex, operands);
    const outcome = continueInvocation(state, program, functionIndex, maxSteps);
    if (outcome.kind === "unfinished") return { kind: "trap", message: `not finished after ${maxSteps} steps` };
    if (outcome.kind === "trapped") return { kind: "trap", message: trapNames[outcome.trapCode]! };
    return { kind: "values", values: outcome.results.map((bits, i) => toValue(bits, types[i]!)) };
  }

  private readGlobal(index: number, type: Value["type"]): Value {
    const { globals } = this.state;
    const bits = (BigInt(globals[2 * index + 1]! >>> 0) << 32n) | BigInt(globals[2 * index]! >>> 0);
    return toValue(bits, type);
  }

  private resultTypes(action: Action, index: number): readonly Value["type"][] {
    const { globals, functions, types } = this.module;
    if (action.kind === "get") return [typeNames[globals[index]!.type]!];
    return types[functions[index]!.typeIndex]!.results.map((type) => typeNames[type]!);
  }

  /** The first difference between the engine's memory and mutable globals and the interpreter's, if there is one. */
  difference(): string | undefined {
    const { memoryExport } = this.integers;
    if (memoryExport !== undefined) {
      const bytes = new Uint8Array((this.native[memoryExport] as WebAssembly.Memory).buffer);
      if (Buffer.compare(bytes, this.state.memory.subarray(0, bytes.length)) !== 0) return "memory";
    }
    for (const [index, name] of this.globalNames) {
      const type = typeNames[this.module.globals[index]!.type]!;
      const native = perform(this.native, { kind: "get", module: undefined, name, values: [] }, [type]);
      if (!sameOutcome(native, { kind: "values", values: [this.readGlobal(index, type)] })) return `global ${index}`;
    }
    return undefined;
  }
}

const typeNames: Readonly<Record<number, Value["type"]>> = { 127: "i32", 126: "i64", 125: "f32", 124: "f64" };

/** Bits of a 32-bit value beyond its type show as another value. */
function toValue(bits: bigint, type: Value["type"]): Value {
  return type === "i32" || type === "i64" ? { type, bits } : { type: "reference", isNull: false };
}

export function sameOutcome(a: Outcome, b: Outcome): boolean {
  if (a.kind === "trap" || b.kind === "trap") {
    return a.kind === "trap" && b.kind === "trap" && trapClass(a.message) === trapClass(b.message);
  }
  return (
    a.values.length === b.values.length &&
    a.values.every((value, i) => {
      const other = b.values[i]!;
      return "bits" in value && "bits" in other && value.type === other.type && value.bits === other.bits;
    })
  );
}

export function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === "trap") return `trap: ${outcome.message}`;
  return `[${outcome.values.map((value) => `${value.type} ${"bits" in value ? value.bits : "?"}`).join(", ")}]`;
}
