import { AssayError, type ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** The bytes are not a module of the binary format (WebAssembly 1.0 specification, chapter 5). */
    "wasm/malformed": WasmRefusal;
    /** The module breaks a rule of validation (chapter 3). */
    "wasm/invalid": WasmRefusal;
    /** Later WebAssembly that this reader does not know, or a size beyond its limits. */
    "wasm/unsupported": WasmRefusal;
  }
}

/** The rule that a module breaks, and the byte in the module at which it shows. */
interface WasmRefusal {
  readonly offset: number;
  readonly rule: string;
}

/** Why a module is refused. */
export type WasmErrorCode = ErrorCodeOf<"wasm">;

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
