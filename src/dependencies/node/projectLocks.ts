import { type ReadFilesOptions, readFiles } from "../../source/node/readFiles.ts";
import { lockFileNames } from "../ecosystems.ts";
import { badLock } from "../errors.ts";
import { type DependencyLock, dependencyLockName, parseDependencyLock } from "../lock.ts";

/**
 * The lock files of a project.
 * @param paths those that count; when there are none, all in its first folder whose names are known.
 * @throws AssayError `dependencies/bad-lock` when there is none, or one that is asked for is missing; `source/...`
 */
export async function projectLocks(
  source: string,
  paths: readonly string[],
  options: ReadFilesOptions = {},
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await readFiles(source, paths.length > 0 ? paths : lockFileNames, options);
  for (const path of paths) if (!files.has(path)) throw badLock(path, "there is no such file in the source");
  if (files.size > 0) return files;
  throw badLock(source, `it has none of ${lockFileNames.join(", ")} in its first folder: name others with --lock`);
}

/** The lock of dependencies in a project; undefined where there is none. @throws AssayError `dependencies/bad-lock`, `source/...` */
export async function lockInProject(
  source: string,
  options: ReadFilesOptions = {},
): Promise<DependencyLock | undefined> {
  const bytes = (await readFiles(source, [dependencyLockName], options)).get(dependencyLockName);
  return bytes && parseDependencyLock(textOf(bytes, dependencyLockName), dependencyLockName);
}

/** @throws AssayError `dependencies/bad-lock` */
export function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw badLock(file, "it is not UTF-8", cause);
  }
}
