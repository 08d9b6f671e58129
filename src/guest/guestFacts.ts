/** What follows from a guest's manifest for those who run it, wherever its images come from. */

import { AssayError } from "../core/errors.ts";
import { address } from "../emulator/addresses.ts";
import { describeAddress } from "../emulator/addressNames.ts";
import { maxLog2StepsPerTick } from "../emulator/boot.ts";
import { inputRegionOf } from "../environment/environment.ts";
import type { RunnableEnvironment } from "../environment/runnable.ts";
import { maxPrefixTicks, type SharedPrefixPlace } from "../machine/native/sharedPrefix.ts";
import { linuxRules } from "../source/source.ts";
import { adviseOnExit, describeLimits, tickLimitOf } from "./advice.ts";
import { encodeLargeInput, tickLimitAt } from "./inputDrive.ts";
import { artifactOffset } from "./layout.ts";
import type { GuestManifest } from "./manifest.ts";
import { readOutputs } from "./outputs.ts";
import { describeGuestExit } from "./result.ts";
import { environmentOfManifest, layoutOf } from "./startMemory.ts";

/**
 * Checkpoints of a guest are two levels of a bisection of arity 16 apart: 256 ticks, more than a second of work. A look
 * through the memory of a large guest takes some hundredths of that.
 */
const checkpointLevels = 2;

/** 1980-01-01: what ZIP archives can say. A source that has no time of its own gets this one. */
const earliestTime = 315_532_800;

/**
 * Whether the boot of a build with this input is that of all others: the limit in ticks stands in the input, and the emulator
 * obeys it from the first tick on.
 */
function bootsLike(input: Uint8Array): boolean {
  if (input.length < tickLimitAt + 8) return true;
  const limit = new DataView(input.buffer, input.byteOffset).getBigUint64(tickLimitAt, true);
  return limit === 0n || limit > maxPrefixTicks;
}

/** The beginning that the build of this input shares with all others that boot alike; undefined where it has none. */
export function sharedBootOf(manifest: GuestManifest, input: Uint8Array): SharedPrefixPlace | undefined {
  if (!bootsLike(input)) return undefined;
  return { drive: inputRegionOf(environmentOfManifest(manifest)), seenAddress: address.inputSeen };
}

/** A guest as an environment that can be run, but for its images and where the shared beginning is kept. */
export function guestFacts(manifest: GuestManifest): Omit<RunnableEnvironment, "open" | "sharedPrefix"> {
  const { root, input, dependencies, output } = layoutOf(manifest);
  return {
    ...environmentOfManifest(manifest),
    maxLog2StepsPerTick: maxLog2StepsPerTick(manifest.eventsPerTick),
    instructionsPerTick: manifest.eventsPerTick,
    checkpointLevels: () => checkpointLevels,
    artifactAddress: output.address + artifactOffset,
    // The emulator lets the guest write to RAM and the output drive only.
    fixedRegions: [root, input, dependencies],
    readOutputs: async (record, read) => await readOutputs(output, record, read),
    console: { countAddress: address.consoleCount, address: address.console, size: address.consoleSize },
    describeAddress,
    describeExit: describeGuestExit,
    adviseOnExit: (exitCode, command) => adviseOnExit(manifest, exitCode, command),
    describeLimits: (command) => describeLimits(manifest, command),
    tickLimitOf: (command) => tickLimitOf(manifest, command),
    runsCommands: true,
    sourceRules: linuxRules,
    async encodeInput(tree, build, dependenciesSize) {
      const { name, inputLog2Size } = manifest;
      if (build === undefined) {
        throw new AssayError("environment/bad-build", `a build in the guest ${name} needs a command`, { name });
      }
      const { variables = {} } = build;
      const tickLimit = tickLimitOf(manifest, build);
      const time = Math.max(tree.time, earliestTime);
      const description = { ...build, variables, tickLimit, sourceDateEpoch: BigInt(time) };
      return await encodeLargeInput(description, { ...tree, time }, 2 ** inputLog2Size, dependenciesSize);
    },
  };
}
