import { join } from "node:path";
import type { EnvironmentProvider, RunnableEnvironment } from "../../environment/runnable.ts";
import { loadClaimable } from "../../machine/claimable.ts";
import { guestFacts, sharedBootOf } from "../guestFacts.ts";
import type { GuestManifest } from "../manifest.ts";
import { environmentBinary, startDrives } from "../startMemory.ts";
import { readEmulator } from "./deriveEnvironment.ts";
import { listEnvironments, readImages, readManifest } from "./environmentCache.ts";

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
    ...guestFacts(manifest),
    sharedPrefix: (input) => {
      const place = sharedBootOf(manifest, input);
      return place && { ...place, directory: join(folder, "boots", manifest.id.slice(2)) };
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
