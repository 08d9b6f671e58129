/** An environment that can be run here: what a local build runs in, and what an operator allows a daemon to run. */

import type { RingBuffer } from "../machine/native/ringBuffer.ts";
import type { SharedPrefixPlace } from "../machine/native/sharedPrefix.ts";
import type { ClaimableProgram, DriveImage } from "../machine/program.ts";
import type { Environment } from "./environment.ts";

/** What is in the machine before the first tick, the input apart. */
export interface StartContent {
  readonly program: ClaimableProgram;
  readonly drives: readonly DriveImage[];
}

export interface RunnableEnvironment {
  readonly environment: Environment;
  /** No tick takes more than 2^maxLog2StepsPerTick steps, whatever the input; proven in the program's README. */
  readonly maxLog2StepsPerTick: number;
  /**
   * How far apart checkpoints are for an input of so many bytes, in levels of the bisection. It must not depend on the
   * machine's speed: after a crash the same build has to give the same claim.
   */
  checkpointLevels(inputBytes: number): number;
  /** Linear address of the artifact's first byte, once a build has ended with exit code 0. */
  readonly artifactAddress: number;
  /**
   * The beginning that the build of this input shares with others; undefined where it has none. The directory may be
   * missing, and emptied at any time.
   */
  sharedPrefix?(input: Uint8Array): (SharedPrefixPlace & { readonly directory: string }) | undefined;
  /** Where the program writes what it says while it runs. */
  readonly console?: RingBuffer;
  /** What the program keeps at a linear address, in words: a register of a guest, for example. */
  describeAddress?(address: number): string | undefined;
  /** The exit code of a result record in words. */
  describeExit(exitCode: number): string;
  /** Reads program and images. What they are is checked by the root of the first state. */
  open(): Promise<StartContent>;
}
