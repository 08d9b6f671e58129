import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import { checkLockFiles, type DependencyLock } from "../../dependencies/lock.ts";
import { type Assembling, fetchDependencies, keptImage } from "../../dependencies/node/assemble.ts";
import { decompressWithProgram } from "../../dependencies/node/decompress.ts";
import { lockInProject, projectLocks } from "../../dependencies/node/projectLocks.ts";
import type { Registries } from "../../dependencies/registries.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { layeredStore } from "../../store/layeredStore.ts";
import { directoryStore } from "../../store/node/directoryStore.ts";
import type { ContentSource } from "../../store/store.ts";
import { environmentNamed } from "./environments.ts";
import type { BuildDependencies, BuildRequest } from "./identifyBuild.ts";

/** Where dependencies come from besides the cache. */
export interface DependencyPlaces {
  readonly registries?: Registries;
  readonly stores?: readonly ContentSource[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, all: number) => void;
}

/** The cache of dependencies, which keeps what comes from elsewhere. */
export async function dependencyCache({
  registries = {},
  stores = [],
  ...more
}: DependencyPlaces): Promise<Assembling> {
  const folder = join(cacheFolder(), "dependencies");
  const store = layeredStore([directoryStore(folder)], stores);
  return { ...more, folder, store, registries, decompress: decompressWithProgram, hasher: await loadKeccakKernel() };
}

/**
 * What a build takes in: by the lock in its source, where its environment has a place for dependencies, or by another lock. The image is
 * looked for when it is needed: in the cache and the stores; else it is assembled.
 * @throws AssayError `environment/unknown`, `dependencies/bad-lock`, `dependencies/stale-lock`, `source/...`
 */
export async function lockedDependencies(
  { source, revision, environment }: Pick<BuildRequest, "source" | "revision" | "environment">,
  places: DependencyPlaces = {},
  other?: DependencyLock,
): Promise<BuildDependencies | undefined> {
  // A source may have a lock for other environments.
  if (other === undefined && (await environmentNamed(environment)).dependencies === undefined) return undefined;
  const lock = other ?? (await lockInProject(source, { revision }));
  if (lock === undefined) return undefined;
  const paths = lock.locks.map(({ path }) => path);
  const locks = await projectLocks(source, paths, { revision });
  await checkLockFiles(lock, locks);
  return {
    image: lock.image,
    async read() {
      const cache = await dependencyCache(places);
      const kept = await keptImage(lock.image, cache);
      return kept ?? new Uint8Array(await readFile((await fetchDependencies(lock, locks, cache)).file));
    },
  };
}
