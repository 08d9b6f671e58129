import { readFile } from "node:fs/promises";
import { loadClaimable } from "../../../src/machine/claimable.ts";
import { type NativeProgram, nativeProgramOf } from "../../../src/machine/native/nativeProgram.ts";
import type { DriveImage } from "../../../src/machine/program.ts";

/** What the program does (`assembly/index.ts`). */
export interface ChurnSettings {
  readonly ticks: number;
  /** Mixing rounds in a tick: some 5 ns each natively, 60 steps. */
  readonly rounds: number;
  /** It works on 2^log2Bytes bytes, at most 2^27. */
  readonly log2Bytes: number;
  readonly ending?: "halt" | "trap" | "never";
}

const endings = { halt: 0, trap: 1, never: 2 } as const;

/** The built program: `build/wasm/churn.wasm`. */
export async function loadChurn(): Promise<NativeProgram> {
  return nativeProgramOf(loadClaimable(await readFile(new URL("../../../build/wasm/churn.wasm", import.meta.url))));
}

/** Its drive. */
export function churnDrive({ ticks, rounds, log2Bytes, ending = "halt" }: ChurnSettings): DriveImage {
  const bytes = new Uint8Array(Uint32Array.of(ticks, rounds, log2Bytes, endings[ending]).buffer);
  return { address: 0x10000, log2Size: 12, bytes };
}
