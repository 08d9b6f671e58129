import { AssayError } from "../core/errors.ts";

/** Why a module is refused. `offset` in the details is the byte in the module at which it shows. */
export type WasmErrorCode =
  /** The bytes are not a module of the binary format (WebAssembly 1.0 specification, chapter 5). */
  | "wasm/malformed"
  /** The module breaks a rule of validation (chapter 3). */
  | "wasm/invalid"
  /** Later WebAssembly that this reader does not know, or a size beyond its limits. */
  | "wasm/unsupported";

export function malformed(offset: number, rule: string): AssayError<WasmErrorCode> {
  return refusal("wasm/malformed", "malformed module", offset, rule);
}

export function invalid(offset: number, rule: string): AssayError<WasmErrorCode> {
  return refusal("wasm/invalid", "invalid module", offset, rule);
}

export function unsupported(offset: number, feature: string): AssayError<WasmErrorCode> {
  return refusal("wasm/unsupported", "unsupported module", offset, feature);
}

function refusal(code: WasmErrorCode, what: string, offset: number, rule: string): AssayError<WasmErrorCode> {
  return new AssayError(code, `${what}: ${rule} (at byte ${offset})`, { offset, rule });
}
