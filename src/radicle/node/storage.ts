import { stat } from "node:fs/promises";
import { join } from "node:path";
import { AssayError } from "../../core/errors.ts";
import type { GitSettings } from "../../source/node/gitProcess.ts";
import { findGitDirectory } from "../../source/node/gitRepository.ts";
import { refuseSpecialFiles } from "../../source/node/specialFiles.ts";
import type { RepositoryId } from "../ids.ts";
import { type Repository, verifyRepository } from "../repository.ts";
import type { Level } from "../signedRefsHistory.ts";
import { radicleHome } from "./home.ts";
import { StoredObjects } from "./storedObjects.ts";
import { readStoredRefs, type StoredRefs } from "./storedRefs.ts";

/** A repository in the storage of the local node. It is read only; no node need run. */
export interface Storage {
  readonly id: RepositoryId;
  readonly gitDirectory: string;
}

/** @throws AssayError `radicle/not-here`, `source/special-file` */
export async function findStorage(id: RepositoryId, environment: NodeJS.ProcessEnv): Promise<Storage> {
  const folder = join(radicleHome(environment), "storage", id.slice("rad:".length));
  const facts = await stat(folder).catch(() => undefined);
  if (!facts?.isDirectory() || (await findGitDirectory(folder)) !== folder) {
    throw new AssayError(
      "radicle/not-here",
      `${id} is not in the local Radicle storage (${folder}): seed it first (\`rad seed ${id}\`), or set RAD_HOME`,
      { repository: id, folder },
    );
  }
  await refuseSpecialFiles(folder);
  return { id, gitDirectory: folder };
}

/** The refs of a storage as they are now. */
export async function refsOf({ gitDirectory }: Storage, settings: GitSettings): Promise<StoredRefs> {
  return await readStoredRefs(gitDirectory, settings);
}

/**
 * Checks a repository from its id on, then asks it something.
 * @param least level that a node's signed refs have to have.
 * @throws AssayError `radicle/...`, codes about git
 */
export async function withRepository<T>(
  { id, gitDirectory }: Storage,
  settings: GitSettings,
  { namespaces }: StoredRefs,
  least: Level,
  ask: (repository: Repository) => Promise<T>,
): Promise<T> {
  const objects = new StoredObjects(gitDirectory, settings);
  const history = new StoredObjects(gitDirectory, settings);
  try {
    return await ask(await verifyRepository({ id, namespaces, objects, history }, least));
  } finally {
    objects.close();
    history.close();
  }
}
