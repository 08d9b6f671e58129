import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { isAssayError } from "../core/errors.ts";
import { cacheFolder } from "../core/node/cacheFolder.ts";
import { type DependencyKind, kinds } from "../dependencies/entry.ts";
import type { Assembling } from "../dependencies/node/assemble.ts";
import { loadKeccakKernel } from "../merkle/node/keccakKernelNode.ts";
import { layeredStore } from "../store/layeredStore.ts";
import { directoryStore } from "../store/node/directoryStore.ts";
import { openStore } from "../store/node/openStore.ts";
import type { StoreDescription } from "../store/storeKind.ts";
import { onFault, onUnkept } from "./guestStores.ts";
import type { Output } from "./output.ts";
import { type ReadStoreOptions, storesToRead } from "./storeOptions.ts";

/** Where dependencies are asked for. */
export interface RegistryOptions {
  readonly registry: Readonly<Partial<Record<DependencyKind, string>>>;
}

export function withRegistries(command: Command): Command {
  const text = `registry or mirror to ask in the place of the public one (${kinds.join(", ")}); repeatable`;
  return command.option("--registry <kind=url>", text, addRegistry, {});
}

function addRegistry(text: string, before: RegistryOptions["registry"]): RegistryOptions["registry"] {
  const [, kind, url] = /^([a-z]+)=(.*)$/s.exec(text) ?? [];
  if (!(kinds as readonly string[]).includes(kind ?? "") || !/^https?:/.test(url!) || !URL.canParse(url!)) {
    throw new InvalidArgumentError(`expected one of ${kinds.join(", ")}, then = and an http(s) address`);
  }
  return { ...before, [kind!]: url };
}

/** The cache of dependencies, before the stores of the options, or of the configuration if there is one. */
export async function dependencyPlaces(
  options: RegistryOptions & ReadStoreOptions,
  output: Output,
): Promise<Assembling & { close(): void }> {
  const folder = join(cacheFolder(), "dependencies");
  const stores = await storesOf(options);
  const read = stores.length === 0 ? [] : [openStore(stores, { onFault, onUnkept })];
  const progress = output.progress("dependencies");
  return {
    ...{ folder, hasher: await loadKeccakKernel(), registries: options.registry },
    store: layeredStore([directoryStore(folder)], read, onUnkept),
    onProgress: (done, all) => progress.update(`${done} of ${all}`),
    close: () => progress.end(),
  };
}

async function storesOf(options: ReadStoreOptions): Promise<readonly StoreDescription[]> {
  try {
    return await storesToRead(options);
  } catch (error) {
    if (isAssayError(error, "cli/no-config") && options.config === undefined) return [];
    throw error;
  }
}
