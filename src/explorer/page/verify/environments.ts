/** What an environment is to a tab: what is fetched for it, and the machine that comes of it. */
import type { Root } from "../../../core/bytes.ts";
import { AssayError } from "../../../core/errors.ts";
import { buildIdOf, type InputDrives } from "../../../environment/environment.ts";
import { guestFacts, sharedBootOf } from "../../../guest/guestFacts.ts";
import { type GuestManifest, type Images, imageNames } from "../../../guest/manifest.ts";
import { environmentBinary, environmentOfManifest, layoutOf, startDrives } from "../../../guest/startMemory.ts";
import { loadClaimable } from "../../../machine/claimable.ts";
import { memoryPageBytes } from "../../../machine/layout.ts";
import type { MemoryRegion } from "../../../machine/native/memoryRegions.ts";
import type { SharedPrefixPlace } from "../../../machine/native/sharedPrefix.ts";
import type { ClaimableProgram, DriveImage } from "../../../machine/program.ts";
import type { Hasher } from "../../../merkle/hasher.ts";
import { checkpointLevels, releaseTarball } from "../../../programs/releaseTarball/manifest.ts";
import { emulatorFile, readHostFile, releaseTarballFile } from "./hostFiles.ts";
import type { PlannedContent } from "./messages.ts";

/** Arity of the bisection where checkpoints are dense enough for: that of all deployments so far. */
const log2Arity = 4;

export interface TabEnvironment {
  readonly name: string;
  readonly id: Root;
  readonly images: readonly PlannedContent[];
  readonly memoryBytes: number;
  readonly drives: InputDrives;
  readonly maxLog2StepsPerTick: number;
  readonly fixedRegions: readonly MemoryRegion[];
  /** Whether it is a guest, that counts its instructions. */
  readonly isGuest: boolean;
  /** Where a finished run has its artifact. */
  readonly artifactAddress: number;
  /** Own checkpoints are at multiples of 2^log2CheckpointTicks ticks. It depends on nothing that a claim says. */
  log2CheckpointTicks(inputBytes: number): number;
  sharedBoot(input: Uint8Array): SharedPrefixPlace | undefined;
  /** The id of the build of an input, where it can be known before there are images. */
  buildIdOf(input: Uint8Array, dependencies: Uint8Array | undefined, hasher: Hasher): Root | undefined;
  /** @param images in the order of `images` above. */
  open(
    images: readonly Uint8Array[],
  ): Promise<{ readonly program: ClaimableProgram; readonly drives: readonly DriveImage[] }>;
}

/** The release tarball. @param id as the publication says it: the machine's first state shows whether it is. */
export function tarballEnvironment(id: Root): TabEnvironment {
  const { name, memoryPages, inputDrive, outputDrive, maxLog2StepsPerTick } = releaseTarball;
  return {
    ...{ name, id, images: [], memoryBytes: memoryPages * memoryPageBytes, maxLog2StepsPerTick, isGuest: false },
    drives: { drive: inputDrive },
    fixedRegions: [],
    artifactAddress: outputDrive.address,
    log2CheckpointTicks: (inputBytes) => checkpointLevels(inputBytes) * log2Arity,
    sharedBoot: () => undefined,
    buildIdOf: () => undefined,
    open: async () => ({ program: loadClaimable(await readHostFile(releaseTarballFile)), drives: [] }),
  };
}

/** @throws AssayError `verify/unknown-environment` for one of another emulator */
export function guestOf(manifest: GuestManifest): TabEnvironment {
  const { name, id, program } = manifest;
  if (program.name !== "emulator" || program.sha256 !== emulatorFile.sha256) {
    throw new AssayError(
      "verify/unknown-environment",
      `the environment ${id} was made with another emulator (${program.name} ${program.sha256}) than this page has`,
      { id },
    );
  }
  const { maxLog2StepsPerTick, fixedRegions = [], artifactAddress, checkpointLevels: levels } = guestFacts(manifest);
  const environment = environmentOfManifest(manifest);
  return {
    ...{ name, id, maxLog2StepsPerTick, fixedRegions, artifactAddress, isGuest: true, drives: environment },
    images: imageNames.map((image) => {
      const { sha256, size } = manifest.images[image];
      return { what: image === "root" ? "root file system" : image, id: `sha256:${sha256.slice(2)}`, size };
    }),
    memoryBytes: layoutOf(manifest).memoryPages * memoryPageBytes,
    log2CheckpointTicks: (inputBytes) => levels(inputBytes) * log2Arity,
    sharedBoot: (input) => sharedBootOf(manifest, input),
    buildIdOf: (input, dependencies, hasher) => buildIdOf(environment, input, hasher, dependencies),
    async open([kernel, root]) {
      const images: Images = { kernel: kernel!, root: root! };
      const emulator = await readHostFile(emulatorFile);
      return { program: loadClaimable(environmentBinary(emulator, manifest)), drives: startDrives(manifest, images) };
    },
  };
}
