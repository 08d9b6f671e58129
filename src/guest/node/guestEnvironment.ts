import { join } from "node:path";
import { AssayError } from "../../core/errors.ts";
import { address } from "../../emulator/addresses.ts";
import { describeAddress } from "../../emulator/addressNames.ts";
import { maxLog2StepsPerTick } from "../../emulator/boot.ts";
import type { EnvironmentProvider, RunnableEnvironment } from "../../environment/runnable.ts";
import { loadClaimable } from "../../machine/claimable.ts";
import { maxPrefixTicks } from "../../machine/native/sharedPrefix.ts";
import { encodeInput, tickLimitAt } from "../buildDescription.ts";
import { outputHeaderBytes } from "../layout.ts";
import type { GuestManifest } from "../manifest.ts";
import { describeGuestExit } from "../result.ts";
import { environmentBinary, environmentOfManifest, inputDriveOf, layoutOf, startDrives } from "../startMemory.ts";
import { defaultTickLimit } from "../tickLimit.ts";
import { readEmulator } from "./deriveEnvironment.ts";
import { listEnvironments, readImages, readManifest } from "./environmentCache.ts";

/**
 * Checkpoints of a guest are two levels of a bisection of arity 16 apart: 256 ticks, more than a second of work. A look
 * through the memory of a large guest takes some hundredths of that.
 */
const checkpointLevels = 2;

/**
 * Whether the boot of a build with this input is that of all others: the limit in ticks stands in the input, and the emulator
 * obeys it from the first tick on.
 */
function bootsLike(input: Uint8Array): boolean {
  if (input.length < tickLimitAt + 8) return true;
  const limit = new DataView(input.buffer, input.byteOffset).getBigUint64(tickLimitAt, true);
  return limit === 0n || limit > maxPrefixTicks;
}

/** The guests in a cache. @param findFolder the cache's folder. */
export function guests(findFolder: () => string): EnvironmentProvider {
  return {
    names: async () => await listEnvironments(findFolder()),
    async read(name, hasher) {
      const folder = findFolder();
      return guestEnvironment(await readManifest(folder, name, hasher), folder);
    },
  };
}

/** A guest's environment as something that can be run; program and images are read from the cache when it is opened. */
export function guestEnvironment(manifest: GuestManifest, folder: string): RunnableEnvironment {
  return {
    ...environmentOfManifest(manifest),
    maxLog2StepsPerTick: maxLog2StepsPerTick(manifest.eventsPerTick),
    checkpointLevels: () => checkpointLevels,
    artifactAddress: layoutOf(manifest).output.address + outputHeaderBytes,
    sharedPrefix: (input) => {
      const directory = join(folder, "boots", manifest.id.slice(2));
      return bootsLike(input)
        ? { directory, drive: inputDriveOf(manifest), seenAddress: address.inputSeen }
        : undefined;
    },
    console: { countAddress: address.consoleCount, address: address.console, size: address.consoleSize },
    describeAddress,
    describeExit: describeGuestExit,
    runsCommands: true,
    encodeInput(tree, build) {
      const { name } = manifest;
      if (build === undefined) {
        throw new AssayError("environment/bad-build", `a build in the guest ${name} needs a command`, { name });
      }
      const { command, output, variables = {}, tickLimit = defaultTickLimit } = build;
      const time = { tickLimit, sourceDateEpoch: BigInt(tree.time) };
      return encodeInput({ command, output, variables, ...time }, tree, 2 ** manifest.inputLog2Size);
    },
    async open() {
      const emulator = await readEmulator(manifest);
      const images = await readImages(folder, manifest);
      return {
        program: loadClaimable(environmentBinary(emulator, manifest)),
        drives: startDrives(manifest, images),
      };
    },
  };
}
