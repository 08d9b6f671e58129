import type { ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    "emulator/bad-elf": { fact: string; at: number };
    "emulator/unsupported-elf": { fact: string };
    "emulator/does-not-fit": { guestSize: number } & ({ memory: number } | { address: bigint; size: bigint });
    "emulator/bad-parameter": { name: string; given: number };
    "emulator/no-tohost": { tohost: bigint | undefined };
    "emulator/no-end": { maxTicks: number; pc: bigint };
    "emulator/stopped": { reason: number };
  }
}

export type EmulatorErrorCode = ErrorCodeOf<"emulator">;
