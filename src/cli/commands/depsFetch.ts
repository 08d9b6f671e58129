import type { Command } from "commander";
import { dependencyCache } from "../../build/node/lockedDependencies.ts";
import { AssayError } from "../../core/errors.ts";
import { dependencyLockName } from "../../dependencies/lock.ts";
import { fetchDependencies } from "../../dependencies/node/assemble.ts";
import { projectLocks } from "../../dependencies/node/projectLocks.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { dependencyLockOf } from "../buildDependencies.ts";
import { dependencyPlaces, type RegistryOptions, withRegistries } from "../dependencyOptions.ts";
import { type CommonOptions, withCommonOptions } from "../options.ts";
import { createOutput, table } from "../output.ts";
import { type ReadStoreOptions, withReadStores } from "../storeOptions.ts";

interface FetchOptions extends CommonOptions, RegistryOptions, ReadStoreOptions {
  readonly rev?: string;
  readonly deps?: string;
}

export function addDepsFetch(deps: Command): void {
  withCommonOptions(
    withReadStores(
      withRegistries(
        deps
          .command("fetch")
          .argument("[source]", sourceHelp, ".")
          .description(
            "assemble the dependency image of a source anew, and check that it is the one that its lock names",
          )
          .option("--rev <revision>", "commit, tag or branch of a repository (default: HEAD)")
          .option("--deps <file>", `the lock to go by (default: ${dependencyLockName} in the source)`),
      ),
    ),
  )
    .addHelpText(
      "after",
      `
Contents come from the cache, from stores, else from the registries. Wherever they come from, the image has the same bytes.

Examples:
  assay deps fetch
  assay deps fetch git+https://example.org/project.git --rev v1.2
  assay deps fetch . --from https://store.example.org/ --json`,
    )
    .action(fetchImage);
}

async function fetchImage(source: string, options: FetchOptions): Promise<void> {
  const output = createOutput(options.json);
  const found = await dependencyLockOf(source, options.rev, options.deps);
  if (found === undefined) {
    throw new AssayError("cli/bad-argument", `${source} has no ${dependencyLockName}: make one with "assay deps lock"`);
  }
  const paths = found.locks.map(({ path }) => path);
  const locks = await projectLocks(source, paths, { revision: options.rev });
  const places = await dependencyPlaces(options, output);
  try {
    const { image, file } = await fetchDependencies(found, locks, await dependencyCache(places));
    output.data({ image: { ...image, file }, entries: found.entries.length }, () =>
      table([
        ["image", `${image.size} bytes, as the lock says`],
        ["sha256", image.sha256],
        ["root", image.root],
        ["in", file],
      ]),
    );
  } finally {
    places.close();
  }
}
