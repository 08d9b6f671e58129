import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { absoluteUrl } from "../core/node/fileUrl.ts";
import { storeSchemes, writableStoreSchemes } from "../store/node/openStore.ts";
import type { StoreDescription } from "../store/storeKind.ts";
import { readConfig } from "./config.ts";

/** Stores named on the command line, instead of those of a configuration. */
export interface ReadStoreOptions {
  readonly from: readonly string[];
  readonly config?: string;
}

export interface WrittenStoreOptions {
  readonly to: readonly string[];
  readonly tokenFile?: string;
  readonly config?: string;
}

/** The variable that holds a store's token where no file is named. */
export const tokenVariable = "ASSAY_STORE_TOKEN";

export function withReadStores(command: Command): Command {
  const text = "store to look in instead of the configured ones; repeatable";
  return command.option("--from <url>", text, collectUrl(storeSchemes), []);
}

export function withWrittenStores(command: Command): Command {
  return command
    .option(
      "--to <url>",
      "store to write to instead of the configured ones; repeatable",
      collectUrl(writableStoreSchemes),
      [],
    )
    .option(
      "--token-file <file>",
      `file that holds a server's token on its first line (default: the variable ${tokenVariable})`,
    );
}

/** @throws AssayError `cli/no-config`, `cli/bad-config` */
export async function storesToRead({ from, config }: ReadStoreOptions): Promise<readonly StoreDescription[]> {
  if (from.length === 0) return (await readConfig(config, process.env)).stores;
  return from.map((url) => ({ url: absoluteUrl(url, process.cwd()), write: false }));
}

/** @throws AssayError `cli/no-config`, `cli/bad-config` */
export async function storesToWrite({ to, tokenFile, config }: WrittenStoreOptions): Promise<StoreDescription[]> {
  if (to.length === 0) return (await readConfig(config, process.env)).stores.filter(({ write }) => write);
  return to.map((url) => {
    const token = tokenFile === undefined ? { tokenVariable } : { tokenFile: resolve(tokenFile) };
    return { url: absoluteUrl(url, process.cwd()), write: true, ...(url.startsWith("file:") ? {} : token) };
  });
}

function collectUrl(schemes: readonly string[]) {
  return (url: string, before: readonly string[]): readonly string[] => {
    if (!schemes.some((scheme) => url.startsWith(scheme))) {
      throw new InvalidArgumentError(`an address begins with ${schemes.join(", ")}`);
    }
    return [...before, url];
  };
}
