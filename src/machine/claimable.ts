/**
 * The claim loader: admits exactly the modules whose native run and stepped run cannot part (`README.md`, "Claimable
 * programs"). Each refusal names its rule.
 */
import { AssayError, type ErrorDetails } from "../core/errors.ts";
import { decodeModule } from "../wasm/decodeModule.ts";
import type { Module } from "../wasm/module.ts";
import { validateModule } from "../wasm/validateModule.ts";
import { stackSlots } from "./layout.ts";
import { type Lowered, lowerModule } from "./lowering/lowerModule.ts";
import type { ClaimableProgram, MachineProgram, MemoryImage } from "./program.ts";
import { stackBound } from "./stackBound.ts";

/** The rules that a valid integer module can break. */
export type ClaimRule = "imports" | "start" | "memory" | "tick" | "data overlap" | "recursion" | "stack";

/**
 * Reads a WebAssembly module that obeys the rules for programs of claims.
 * @throws AssayError `wasm/*` for a module that is none; `machine/unsupported-module` and `machine/segment-out-of-bounds`
 * for one that the machine cannot run; `machine/not-claimable`, whose details hold the `rule`, for one that nobody should
 * claim.
 */
export function loadClaimable(binary: Uint8Array): ClaimableProgram {
  const module = decodeModule(binary);
  validateModule(module);
  checkModule(module);
  const lowered = lowerModule(module);
  checkData(lowered.program.data);
  const tick = tickOf(module);
  return { ...lowered.program, tick, binary, stackSlots: checkStack(lowered, tick) };
}

/** Any valid integer module without imports: runs in the interpreter alone. @throws AssayError as `loadClaimable` */
export function loadProgram(binary: Uint8Array): MachineProgram {
  const module = decodeModule(binary);
  validateModule(module);
  return lowerModule(module).program;
}

function refuse(rule: ClaimRule, message: string, details: Omit<ErrorDetails["machine/not-claimable"], "rule"> = {}) {
  return new AssayError("machine/not-claimable", `not claimable: ${message}`, { rule, ...details });
}

function checkModule({ imports, start, memories, exports }: Module): void {
  const [first] = imports;
  if (first !== undefined) {
    const message = `the module imports ${first.kind} "${first.module}.${first.name}" (at byte ${first.offset})`;
    throw refuse("imports", message, { offset: first.offset });
  }
  if (start !== undefined) {
    const message = `a start function would run again on every restore (at byte ${start.offset}): call it in the first tick`;
    throw refuse("start", message, { offset: start.offset });
  }
  const [memory] = memories;
  if (memory === undefined || !exports.some(({ name, kind }) => name === "memory" && kind === "memory")) {
    throw refuse("memory", 'the module must have a memory and export it as "memory"');
  }
  const { minimum, maximum } = memory.limits;
  if (minimum !== maximum) {
    const message =
      `the memory must not grow: its minimum is ${minimum} pages and its maximum ${maximum ?? "open"} ` +
      `(at byte ${memory.offset}); make them equal`;
    throw refuse("memory", message, { offset: memory.offset, minimum, maximum });
  }
}

function tickOf({ exports, functions, types }: Module): number {
  const found = exports.find(({ name, kind }) => name === "tick" && kind === "function");
  if (found === undefined) throw refuse("tick", 'the module must export a function "tick": [] -> [i32]');
  const { parameters, results } = types[functions[found.index]!.typeIndex]!;
  if (parameters.length !== 0 || results.length !== 1 || results[0] !== 0x7f) {
    const message = `"tick" must have type [] -> [i32] (export at byte ${found.offset})`;
    throw refuse("tick", message, { offset: found.offset });
  }
  return found.index;
}

function checkData(data: readonly MemoryImage[]): void {
  const sorted = data.filter(({ bytes }) => bytes.length > 0).sort((a, b) => a.address - b.address);
  for (const [i, { address }] of sorted.entries()) {
    const previous = sorted[i - 1];
    if (previous !== undefined && previous.address + previous.bytes.length > address) {
      throw refuse("data overlap", `two data segments overlap at address ${address}`, { address });
    }
  }
}

/** Slots that a tick needs at most. */
function checkStack({ program, stackUse }: Lowered, tick: number): number {
  const bound = stackBound(stackUse, tick);
  if (bound.kind === "cycle") {
    const names = bound.nodes.filter((node) => node < program.functions.length).map((node) => nameOf(program, node));
    throw refuse("recursion", `functions call each other without a bound: ${names.join(" -> ")}`, { functions: names });
  }
  if (bound.slots > stackSlots) {
    const message = `a tick may need ${bound.slots} stack slots, the machine has ${stackSlots}`;
    throw refuse("stack", message, { slots: bound.slots, limit: stackSlots });
  }
  return bound.slots;
}

function nameOf({ functions }: MachineProgram, index: number): string {
  return functions[index]!.name ?? `function ${index}`;
}
