import type { Command } from "commander";
import { AssayError } from "../../core/errors.ts";
import { folderOf } from "../../store/node/openStore.ts";
import { readConfig } from "../config.ts";
import { type CommonOptions, parseCount, withCommonOptions } from "../options.ts";
import { createOutput, type Output } from "../output.ts";
import { type Collection, type CollectionResult, collectStore } from "../storeCollection.ts";

/** What garbage collection is told, also that of a server. */
export interface CollectOptions extends Pick<CommonOptions, "config"> {
  readonly folder?: string;
  readonly claims: boolean;
  readonly keep: number;
  readonly recent: number;
}

interface Options extends CollectOptions, CommonOptions {
  readonly dryRun: boolean;
}

export function addCollect(store: Command): void {
  withCommonOptions(
    withCollectOptions(
      store
        .command("collect")
        .description("delete what nothing needs any more from the store's folder, and print what and why")
        .option("--folder <folder>", "of the store, if it is not the configured one")
        .option("--dry-run", "delete nothing, only say", false),
    ),
  )
    .addHelpText(
      "after",
      `
Kept are: publications, inputs and checkpoint lists of claims and requests that are open, or have ended within --keep days; what signed
results in the store speak of; images of environments published there; and everything that was put within --recent hours. Which claims are
open, the ledger in the configuration's state folder says: a daemon with this configuration has to keep it up to date.

Exit status: 0 done; 2 nothing is known of the claims, or nothing of late.

Examples:
  assay store collect --dry-run
  assay store collect --keep 7
  assay store collect --folder ./mirror --no-claims --json`,
    )
    .action(collect);
}

/** Adds the options that say what is kept. */
export function withCollectOptions(command: Command): Command {
  return command
    .option("--no-claims", "this store serves no claims: keep nothing for them")
    .option("--keep <days>", "how long what ended claims and requests needed is kept", parseCount, 30)
    .option("--recent <hours>", "what was put within so many hours is never deleted", parseCount, 24);
}

async function collect(options: Options): Promise<void> {
  const output = createOutput(options.json);
  const collection = await collectionOf(options, options.dryRun);
  const result = await collectStore(collection);
  sayCollected(output, collection, result);
}

/** @throws AssayError `cli/bad-config` */
export async function collectionOf(options: CollectOptions, dryRun: boolean): Promise<Collection> {
  const { folder: given, claims, keep, recent } = options;
  const config = claims || given === undefined ? await readConfig(options.config, process.env) : undefined;
  const folder = given ?? folderOf(config!.stores);
  if (folder === undefined) {
    throw new AssayError(
      "cli/bad-config",
      "stores: none is a folder that is written to, so there is nothing to collect",
    );
  }
  return { folder, config: claims ? config : undefined, keepDays: keep, recentHours: recent, dryRun };
}

function sayCollected(output: Output, { folder, dryRun }: Collection, { files, block }: CollectionResult): void {
  const lost = files.filter(({ isKept }) => !isKept);
  const bytes = (of: CollectionResult["files"]) => of.reduce((sum, each) => sum + each.bytes, 0);
  const kept = files.filter(({ isKept }) => isKept);
  const summary = { folder, dryRun, block, keptBytes: bytes(kept), deletedBytes: bytes(lost) };
  output.data({ ...summary, files }, () => [
    ...files.map(({ path, isKept, why }) => `${isKept ? "kept   " : dryRun ? "useless" : "deleted"}  ${path}  ${why}`),
    ...(block === undefined ? [] : [`claims are known up to block ${block}`]),
    `${kept.length} files kept (${bytes(kept)} bytes), ${lost.length} ${dryRun ? "would be deleted" : "deleted"} (${bytes(lost)} bytes)`,
  ]);
}
