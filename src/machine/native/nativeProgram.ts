/** What a native run needs of a claimable program. Plain data: it can be posted to a worker. */
import { decodeModule } from "../../wasm/decodeModule.ts";
import { exportGlobals } from "../../wasm/exportGlobals.ts";
import { valueType } from "../../wasm/module.ts";
import type { ClaimableProgram } from "../program.ts";

export interface NativeGlobal {
  /** Number of the global in the state. */
  readonly index: number;
  readonly type: "i32" | "i64";
  /** Under which name the native module exports it. */
  readonly name: string;
}

/** A program, and the module that runs its ticks at the engine's speed. */
export interface NativeProgram {
  readonly program: ClaimableProgram;
  /** The claimed module with all its mutable globals exported; nothing else differs. */
  readonly module: Uint8Array;
  /** The mutable globals. */
  readonly globals: readonly NativeGlobal[];
}

/** Derives the module that the engine runs. */
export function nativeProgramOf(program: ClaimableProgram): NativeProgram {
  const module = decodeModule(program.binary);
  const { bytes, names } = exportGlobals(module);
  const globals = Array.from(names, ([index, name]): NativeGlobal => {
    return { index, name, type: module.globals[index]!.type === valueType.i32 ? "i32" : "i64" };
  });
  return { program, module: bytes, globals };
}
