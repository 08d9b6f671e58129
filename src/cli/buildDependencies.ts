import { readFile } from "node:fs/promises";
import type { BuildDependencies, BuildRequest } from "../build/node/identifyBuild.ts";
import { lockedDependencies } from "../build/node/lockedDependencies.ts";
import { AssayError } from "../core/errors.ts";
import { type DependencyLock, parseDependencyLock } from "../dependencies/lock.ts";
import { lockInProject, textOf } from "../dependencies/node/projectLocks.ts";
import { dependencyPlaces } from "./dependencyOptions.ts";
import { createOutput } from "./output.ts";

/** The lock of dependencies that is named, else the one in the source; undefined where there is none. */
export async function dependencyLockOf(
  source: string,
  revision: string | undefined,
  file: string | undefined,
): Promise<DependencyLock | undefined> {
  return file === undefined ? await lockInProject(source, { revision }) : await readDependencyLock(file);
}

/** @throws AssayError `cli/bad-argument`, `dependencies/bad-lock` */
async function readDependencyLock(file: string): Promise<DependencyLock> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new AssayError("cli/bad-argument", `cannot read ${file}`, { file }, { cause });
  }
  return parseDependencyLock(textOf(bytes, file), file);
}

/**
 * What a build on the command line takes in.
 * @param file of its lock, if it is not the one in the source. @throws AssayError `cli/bad-argument`, and as `lockedDependencies`
 */
export async function dependenciesOf(request: BuildRequest, file?: string): Promise<BuildDependencies | undefined> {
  const lock = file === undefined ? undefined : await readDependencyLock(file);
  const found = await lockedDependencies(request, {}, lock);
  return (
    found && {
      ...found,
      // The configuration, which names stores, is read where the image is needed.
      async read() {
        const { close, ...places } = await dependencyPlaces({ registry: {}, from: [] }, createOutput(false));
        try {
          return await (await lockedDependencies(request, places, lock))!.read();
        } finally {
          close();
        }
      },
    }
  );
}
