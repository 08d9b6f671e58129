import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AssayError } from "../../core/errors.ts";

/** Repositories that refer to one another: far more than any has. */
const mostRepositories = 32;
/** Folders that git reads all of; of a repository itself only the files directly in it. */
const readWhole = ["refs", "logs", "info", "objects", "reftable", "worktrees"];
/** Far more than a file that names a repository needs. */
const mostBytes = 2 ** 16;

/**
 * Refuses a repository in which git would wait for a pipe, or read from a device, in the place of a file: it would not end.
 * Looks also at those that it borrows from (worktrees, alternates).
 * @throws AssayError `source/special-file`
 */
export async function refuseSpecialFiles(gitDirectory: string): Promise<void> {
  const seen = new Set<string>();
  const todo = [gitDirectory];
  for (let next = todo.pop(); next !== undefined && seen.size < mostRepositories; next = todo.pop()) {
    const place = await realpath(next).catch(() => undefined);
    if (place === undefined || seen.has(place)) continue;
    seen.add(place);
    if ((await stat(place)).isDirectory()) {
      // The objects of another repository are named without the rest of it.
      await checkFolder(place, basename(place) === "objects" ? undefined : readWhole);
      todo.push(...(await referencesIn(place)));
    } else {
      await checkFile(place);
      todo.push(...(await linesOf(place)).map((line) => resolve(dirname(place), line.replace(/^gitdir: */, ""))));
    }
  }
}

/** @param below the folders in it that are looked into; undefined: all. */
async function checkFolder(folder: string, below: readonly string[] | undefined): Promise<void> {
  // What cannot be listed, git cannot read either.
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (below === undefined || below.includes(entry.name)) await checkFolder(path, undefined);
    } else if (!entry.isFile()) {
      await checkFile(path);
    }
  }
}

async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  // A socket (of git's own file system monitor) cannot be opened, so nobody waits for it.
  if (!found?.isFIFO() && !found?.isCharacterDevice() && !found?.isBlockDevice()) return;
  throw new AssayError(
    "source/special-file",
    `${JSON.stringify(path)} is a pipe or a device where git expects a file: is this a repository?`,
    { path },
  );
}

async function referencesIn(repository: string): Promise<string[]> {
  const objects = basename(repository) === "objects" ? repository : join(repository, "objects");
  const shared = await linesOf(join(repository, "commondir"));
  const alternates = await linesOf(join(objects, "info", "alternates"));
  return [
    ...shared.map((line) => resolve(repository, line)),
    ...alternates.filter((line) => !line.startsWith("#")).map((line) => resolve(objects, line)),
  ];
}

/** The lines of a small file; none when there is no such file. */
async function linesOf(file: string): Promise<string[]> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size > mostBytes) return [];
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}
