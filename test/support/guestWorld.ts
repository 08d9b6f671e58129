import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunnableEnvironment } from "../../src/environment/runnable.ts";
import type { GuestManifest } from "../../src/guest/manifest.ts";
import { AgentWorld, type WorldOptions } from "./agentWorld.ts";
import { guestOf, makeGuestCache } from "./guestCache.ts";

/** A world whose daemons allow the small guest, which is in a cache of its own. */
export interface GuestWorld {
  readonly world: AgentWorld;
  /** Holds the cache; for whatever else a test needs. */
  readonly folder: string;
  readonly manifest: GuestManifest;
  readonly guest: RunnableEnvironment;
  /** Ends everything and removes the folder. */
  close(): Promise<void>;
}

/**
 * From here on this process finds the guest where the daemons do.
 * @param options what is different about its world.
 */
export async function startGuestWorld(options: Omit<WorldOptions, "environments">): Promise<GuestWorld> {
  const folder = await mkdtemp(join(tmpdir(), "assay-guest-"));
  const cache = await makeGuestCache(folder);
  process.env.XDG_CACHE_HOME = cache.xdgCacheHome;
  const guest = guestOf(cache);
  const world = await AgentWorld.start({ ...options, environments: [guest] });
  return {
    world,
    folder,
    manifest: cache.manifest,
    guest,
    async close() {
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
