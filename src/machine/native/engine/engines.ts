import { AssayError } from "../../../core/errors.ts";
import type { NativeProgram } from "../nativeProgram.ts";
import type { Engine, EngineKind } from "./engine.ts";
import { interpreterEngine } from "./interpreterEngine.ts";
import { nativeEngine } from "./nativeEngine.ts";

/** All engines, the preferred ones first: a program is run by the first that supports it. */
const engines = {
  native: nativeEngine,
  interpreter: interpreterEngine,
} as const satisfies Readonly<Record<string, EngineKind>>;

/** The name of an engine in the list. */
export type EngineName = keyof typeof engines;

/** The names of all engines, the preferred ones first. */
export const engineNames = Object.keys(engines) as readonly EngineName[];

/**
 * Opens a program in the engine of this name, or the preferred one.
 * @throws AssayError `native/unsupported` when the engine does not run this program
 */
export function openEngine(program: NativeProgram, name?: EngineName): Engine {
  const found = name ?? engineNames.find((each) => engines[each].supports(program))!;
  if (!engines[found].supports(program)) {
    throw new AssayError("native/unsupported", `the engine "${found}" does not run this program`, { name: found });
  }
  return engines[found].open(program);
}
