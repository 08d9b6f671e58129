import { readFile } from "node:fs/promises";
import type { LocalRun } from "../build/node/localRun.ts";
import { AssayError, isAssayError } from "../core/errors.ts";
import { readSymbolTable, type SymbolTable } from "../emulator/symbols.ts";
import { guestInstructionAt } from "../guest/guestStep.ts";

/** The instruction of a Linux guest that a step is a part of. */
export interface GuestWords {
  /** Hexadecimal, as the guest sees it. */
  readonly address: string;
  readonly mode: "user" | "supervisor" | "machine";
  readonly instruction: string;
  /** By the symbols that were given: `do_syscall+0x1c`. */
  readonly symbol?: string | undefined;
}

/** What the guest executes at a step; undefined for builds without one, and once it has stopped. */
export async function guestWordsAt(
  { session, claimable, build }: LocalRun,
  tick: number,
  step: number,
  symbols: SymbolTable | undefined,
): Promise<GuestWords | undefined> {
  if (!build.environment.runsCommands) return undefined;
  const found = await guestInstructionAt(session, claimable, tick, step);
  if (found === undefined) return undefined;
  const { address, mode, text } = found;
  return { address: `0x${address.toString(16)}`, mode, instruction: text, symbol: symbols?.at(address) };
}

export function linesOfGuest({ address, mode, instruction, symbol }: GuestWords): (readonly [string, string])[] {
  const place = symbol === undefined ? address : `${address} (${symbol})`;
  return [
    ["guest's instruction", instruction],
    ["at", `${place}, in ${mode} mode`],
  ];
}

/** @throws AssayError `cli/bad-argument` for a file that cannot be read, or is no ELF file for RISC-V */
export async function readSymbolsOf(file: string | undefined): Promise<SymbolTable | undefined> {
  if (file === undefined) return undefined;
  try {
    return readSymbolTable(await readFile(file));
  } catch (cause) {
    const why = isAssayError(cause) ? `: ${cause.message}` : "";
    throw new AssayError("cli/bad-argument", `cannot read symbols of ${file}${why}`, { file }, { cause });
  }
}
