import { readFile } from "node:fs/promises";
import type { BuildDependencies } from "../build/node/identifyBuild.ts";
import { AssayError } from "../core/errors.ts";
import { checkLockFiles, type DependencyLock, parseDependencyLock } from "../dependencies/lock.ts";
import { fetchDependencies, keptImage } from "../dependencies/node/assemble.ts";
import { lockInProject, projectLocks, textOf } from "../dependencies/node/projectLocks.ts";
import { dependencyPlaces } from "./dependencyOptions.ts";
import { createOutput } from "./output.ts";

/** The lock of dependencies that is named, else the one in the source; undefined where there is none. */
export async function dependencyLockOf(
  source: string,
  revision: string | undefined,
  file: string | undefined,
): Promise<DependencyLock | undefined> {
  if (file === undefined) return await lockInProject(source, { revision });
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new AssayError("cli/bad-argument", `cannot read ${file}`, { file }, { cause });
  }
  return parseDependencyLock(textOf(bytes, file), file);
}

/**
 * What a build takes in, by its lock. The image is looked for when it is needed: in the cache, else it is assembled.
 * @throws AssayError `cli/bad-argument`, `dependencies/bad-lock`, `dependencies/stale-lock`, `source/...`
 */
export async function dependenciesOf(
  source: string,
  revision: string | undefined,
  file: string | undefined,
): Promise<BuildDependencies | undefined> {
  const lock = await dependencyLockOf(source, revision, file);
  if (lock === undefined) return undefined;
  const paths = lock.locks.map(({ path }) => path);
  const locks = await projectLocks(source, paths, { revision });
  await checkLockFiles(lock, locks);
  return {
    image: lock.image,
    async read() {
      const places = await dependencyPlaces({ registry: {}, from: [] }, createOutput(false));
      try {
        const kept = await keptImage(lock.image, places);
        return kept ?? new Uint8Array(await readFile((await fetchDependencies(lock, locks, places)).file));
      } finally {
        places.close();
      }
    },
  };
}
