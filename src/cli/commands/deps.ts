import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { dependencyCache } from "../../build/node/lockedDependencies.ts";
import { AssayError } from "../../core/errors.ts";
import { titleOf } from "../../dependencies/entry.ts";
import { dependencyLockName, formatDependencyLock } from "../../dependencies/lock.ts";
import { lockDependencies } from "../../dependencies/node/assemble.ts";
import { projectLocks } from "../../dependencies/node/projectLocks.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { writeOutputFile } from "../../store/node/outputFile.ts";
import { dependencyPlaces, type RegistryOptions, withRegistries } from "../dependencyOptions.ts";
import { type CommonOptions, withCommonOptions } from "../options.ts";
import { createOutput, table } from "../output.ts";
import { type ReadStoreOptions, withReadStores } from "../storeOptions.ts";
import { addDepsFetch } from "./depsFetch.ts";

interface LockOptions extends CommonOptions, RegistryOptions, ReadStoreOptions {
  readonly rev?: string;
  readonly lock: readonly string[];
  readonly out?: string;
}

/** Dependencies of builds, by the lock files of the project. */
export function defineDeps(deps: Command): void {
  withCommonOptions(
    withReadStores(
      withRegistries(
        deps
          .command("lock")
          .argument("[source]", sourceHelp, ".")
          .description(`fetch what a project's lock files pin, and write ${dependencyLockName}`)
          .option("--rev <revision>", "commit, tag or branch of a repository (default: HEAD)")
          .option("--lock <path>", "lock file in the source (default: all in its first folder); repeatable", add, [])
          .option("--out <file>", `where to write it (default: ${dependencyLockName} in the source's folder)`),
      ),
    ),
  )
    .addHelpText(
      "after",
      `
Lock files are package-lock.json, npm-shrinkwrap.json, Cargo.lock, go.sum, requirements.txt with hashes, nix-closure.json (of
"nix path-info --json --recursive") and debian-packages.json. Of a repository they are read from the commit, not from the working tree. Commit what is written: builds take their dependencies from it.

Examples:
  assay deps lock
  assay deps lock . --registry npm=https://npm.example.org/ --registry python=https://pypi.example.org/simple/
  assay deps lock . --lock client/package-lock.json --lock server/Cargo.lock --json`,
    )
    .action(lock);
  addDepsFetch(deps);
  for (const command of deps.commands) command.exitOverride();
}

function add(path: string, before: readonly string[]): readonly string[] {
  return [...before, path];
}

async function lock(source: string, options: LockOptions): Promise<void> {
  const output = createOutput(options.json);
  const file = options.out ?? (await fileIn(source));
  const locks = await projectLocks(source, options.lock, { revision: options.rev });
  const places = await dependencyPlaces(options, output);
  try {
    const { lock, leftOut, file: image } = await lockDependencies(locks, await dependencyCache(places));
    await writeOutputFile(file, formatDependencyLock(lock));
    const out = leftOut.map((each) => titleOf(each));
    const facts = { file, locks: lock.locks, entries: lock.entries.length, image: { ...lock.image, file: image } };
    output.data({ ...facts, leftOut: out }, () =>
      table([
        ["written to", file],
        ["lock files", lock.locks.map(({ path }) => path).join(", ")],
        ["dependencies", `${facts.entries}`],
        ...(out.length === 0 ? [] : [["left out", `${out.join(", ")}: nothing of it suits the guest`] as const]),
        ["image", `${lock.image.size} bytes, sha256 ${lock.image.sha256}`],
        ["root", lock.image.root],
      ]),
    );
  } finally {
    places.close();
  }
}

/** @throws AssayError `cli/bad-argument` where the source is elsewhere. */
async function fileIn(source: string): Promise<string> {
  const isFolder = (await stat(source).catch(() => undefined))?.isDirectory() === true;
  if (isFolder) return join(source, dependencyLockName);
  throw new AssayError("cli/bad-argument", `${source} is not a folder here: say with --out where to write the lock`);
}
