import type { Hex } from "../core/bytes.ts";
import type { Drive } from "../machine/drivePath.ts";

/** What everyone who runs a program has to know about it besides its bytes. */
export interface Program {
  /** Name of the binary: `build/wasm/<name>.wasm`. */
  readonly name: string;
  /** sha256 of the binary. Another binary is another program: its builds have other ids. */
  readonly sha256: Hex;
  /** Pages of 64 KiB; minimum and maximum of its memory. */
  readonly memoryPages: number;
  readonly inputDrive: Drive;
  readonly outputDrive: Drive;
  /** No tick takes more than 2^maxLog2StepsPerTick steps, whatever the input; proven in the program's README. */
  readonly maxLog2StepsPerTick: number;
}

/** The result record: the first 64 bytes of linear memory. */
export interface ResultRecord {
  readonly version: number;
  /** 0: the artifact is in the output drive; else one of the program's documented codes. */
  readonly exitCode: number;
  readonly artifactSize: bigint;
  /** Of no bytes, or zero, unless the exit code is 0. */
  readonly artifactSha256: Hex;
}

/** Bytes of the result record at address 0. */
export const resultRecordSize = 64;
