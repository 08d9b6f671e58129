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

/** The result record: the first 128 bytes of linear memory, of which contracts read 48. */
export interface ResultRecord {
  readonly version: number;
  /** 0: the build has succeeded; else one of the program's documented codes. */
  readonly exitCode: number;
  readonly artifactSize: bigint;
  /** Zero where there is no artifact. */
  readonly artifactSha256: Hex;
  /** Of what the program says of everything that the build left; zero where it says nothing. */
  readonly outputsSha256: Hex;
}

/** Bytes of the result record at address 0. */
export const resultRecordSize = 128;

/** Whether a build left an artifact. */
export function hasArtifact({ artifactSha256 }: Pick<ResultRecord, "artifactSha256">): boolean {
  return !/^0x0*$/.test(artifactSha256);
}
