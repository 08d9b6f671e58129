import { AssayError } from "../core/errors.ts";

export type EmulatorErrorCode =
  | "emulator/bad-elf"
  | "emulator/unsupported-elf"
  | "emulator/does-not-fit"
  | "emulator/bad-parameter"
  | "emulator/no-tohost"
  | "emulator/no-end"
  | "emulator/stopped";

export function emulatorError(
  code: EmulatorErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AssayError<EmulatorErrorCode> {
  return new AssayError(code, message, details);
}
