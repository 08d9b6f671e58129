import type { Program } from "../program.ts";

/** The program that turns a source tree (input drive, format: src/source/README.md) into a reproducible `.tar.gz`. */
export const releaseTarball: Program = {
  name: "releaseTarball",
  sha256: "0x45a7e2f001d12f9f7425bd528b958e88fac9295edc7fcdf499cd19f047a5aa0a",
  memoryPages: 3136,
  inputDrive: { address: 0x0400_0000, log2Size: 26 },
  outputDrive: { address: 0x0800_0000, log2Size: 26 },
  maxLog2StepsPerTick: 23,
};

/** Inputs above this size are many ticks of work: they get fewer checkpoints, each of which costs a look through memory. */
const largeInputBytes = 4 * 2 ** 20;

/** How far apart checkpoints are for an input of so many bytes, in levels of the bisection. */
export function checkpointLevels(inputBytes: number): number {
  return inputBytes > largeInputBytes ? 2 : 1;
}

/** The exit codes of the program, in its result record. The input drive is checked before the first byte is written. */
export const exitCodes = {
  ok: 0,
  /** The drive does not begin with the magic number, or is of another version. */
  notADrive: 1,
  /** A header field is out of its range: sizes, time, archive name, reserved bytes. */
  badHeader: 2,
  /** An entry is cut off, has an unknown kind or a size or padding that cannot be. */
  badEntry: 3,
  /** A path is empty, absolute, too long or has a component that is empty, `.` or `..`, or holds a zero byte. */
  badPath: 4,
  /** The entries do not ascend bytewise, or one occurs twice. */
  notSorted: 5,
  /** The artifact would not fit into the output drive. */
  outputFull: 6,
  /** The tar stream is longer than 512 MiB. */
  archiveTooLarge: 7,
} as const;

/** The exit code in words, for people. */
export function describeExitCode(code: number): string {
  return exitCodeWords[code] ?? `unknown exit code ${code}`;
}

const exitCodeWords: readonly string[] = [
  "the artifact is complete",
  "the input drive is not a source drive of version 1",
  "the input drive's header is malformed",
  "an entry of the input drive is malformed",
  "a path in the input drive is not allowed",
  "the entries of the input drive are not sorted",
  "the artifact does not fit into the output drive",
  "the archive is larger than 512 MiB before compression",
];
