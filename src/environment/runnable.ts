/** An environment that can be run here: what a local build runs in, and what an operator allows a daemon to run. */

import type { MemoryRegion } from "../machine/native/memoryRegions.ts";
import type { RingBuffer } from "../machine/native/ringBuffer.ts";
import type { SharedPrefixPlace } from "../machine/native/sharedPrefix.ts";
import type { ClaimableProgram, DriveImage } from "../machine/program.ts";
import type { Hasher } from "../merkle/hasher.ts";
import type { SourceContent, SourceRules, SourceTree } from "../source/source.ts";
import type { Environment, InputDrives } from "./environment.ts";
import type { LeftOutputs, RecordedHashes } from "./outputs.ts";

/** What is in the machine before the first tick, the input apart. */
export interface StartContent {
  readonly program: ClaimableProgram;
  readonly drives: readonly DriveImage[];
}

/** What a build does, in an environment that runs commands. Part of the build id, like its source. */
export interface BuildCommand {
  /** Given to a shell in the source's folder. */
  readonly command: string;
  /** Paths of what is wanted, absolute or relative to the source's folder: files and folders. */
  readonly outputs: readonly string[];
  /** Patterns of test reports below the source's folder. */
  readonly reports?: readonly string[];
  /** The user that the command runs as, where that is not root. */
  readonly user?: "build" | undefined;
  /** Environment variables of the command. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Ticks after which the machine is stopped; the environment's own limit when missing. */
  readonly tickLimit?: bigint | undefined;
}

/** What a build has in memory besides: its input, and its dependencies if it has any. */
export function inputImages(
  { drive, dependencies: place }: InputDrives,
  input: Uint8Array,
  dependencies: Uint8Array | undefined,
): DriveImage[] {
  const images = [{ ...drive, bytes: input }];
  return dependencies === undefined || place === undefined ? images : [...images, { ...place, bytes: dependencies }];
}

/** Everything that one environment needs besides what clients know of it. */
export interface RunnableEnvironment extends Environment {
  /** No tick takes more than 2^maxLog2StepsPerTick steps, whatever the input; proven in the program's README. */
  readonly maxLog2StepsPerTick: number;
  /**
   * How far apart checkpoints are for an input of so many bytes, in levels of the bisection. It must not depend on the
   * machine's speed: after a crash the same build has to give the same claim.
   */
  checkpointLevels(inputBytes: number): number;
  /** Linear address of the artifact's first byte, once a build has ended that left one. */
  readonly artifactAddress: number;
  /**
   * What a build left besides its artifact, where the environment keeps a record of it.
   * @param read reads the final state's memory. @returns undefined where the build has left no record
   * @throws AssayError `guest/bad-outputs` when the record does not hash to what the program says, or is none
   */
  readOutputs?(
    record: RecordedHashes,
    read: (address: number, length: number) => Promise<Uint8Array>,
  ): Promise<LeftOutputs | undefined>;
  /**
   * The beginning that the build of this input shares with others; undefined where it has none. The directory may be
   * missing, and emptied at any time.
   */
  sharedPrefix?(input: Uint8Array): (SharedPrefixPlace & { readonly directory: string }) | undefined;
  /**
   * Parts of memory that hold the same at every tick, whatever the input, in whole pages of 4 KiB: read-only drives. Runs do
   * not look there between ticks. Only an environment whose program comes with this package may state any.
   */
  readonly fixedRegions?: readonly MemoryRegion[];
  /** Where the program writes what it says while it runs. */
  readonly console?: RingBuffer;
  /** What the program keeps at a linear address, in words: a register of a guest, for example. */
  describeAddress?(address: number): string | undefined;
  /** The exit code of a result record in words. */
  describeExit(exitCode: number): string;
  /** What to do about an exit code of a build of this command, with the numbers that matter; undefined where there is nothing to say. */
  adviseOnExit?(exitCode: number, command: BuildCommand): string | undefined;
  /** What a build of this command may take, in words. */
  describeLimits?(command: BuildCommand): string;
  /** Most guest instructions of a tick, where it runs any. */
  readonly instructionsPerTick?: number;
  /** Most ticks of a build of this command, where it has a limit. */
  tickLimitOf?(command: BuildCommand): bigint;
  /** Whether its builds run a command that the build names. */
  readonly runsCommands: boolean;
  /** What its sources may be that others refuse; nothing when missing. */
  readonly sourceRules?: SourceRules;
  /**
   * The input of the build of a source.
   * @param dependenciesSize of the image in the dependency drive, where the environment has one.
   * @throws AssayError `environment/bad-build` when there is a command and none is run, or none and one must be
   */
  encodeInput(tree: SourceTree<SourceContent>, command?: BuildCommand, dependenciesSize?: number): Promise<Uint8Array>;
  /** Reads program and images. What they are is checked by the root of the first state. */
  open(): Promise<StartContent>;
}

/** Something that has environments: those that come along, or those in a cache. */
export interface EnvironmentProvider {
  /** Names of the environments that are here. */
  names(): Promise<readonly string[]>;
  /** The environment of one of these names. */
  read(name: string, hasher: Hasher): Promise<RunnableEnvironment>;
}
