import { type Command, InvalidArgumentError } from "commander";
import type { DependencyPlaces } from "../build/node/lockedDependencies.ts";
import { isAssayError } from "../core/errors.ts";
import { type DependencyKind, kinds } from "../dependencies/entry.ts";
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

/** The stores of the options, or of the configuration if there is one, and registries. */
export async function dependencyPlaces(
  options: RegistryOptions & ReadStoreOptions,
  output: Output,
): Promise<DependencyPlaces & { close(): void }> {
  const stores = await storesOf(options);
  const progress = output.progress("dependencies");
  return {
    registries: options.registry,
    stores: stores.length === 0 ? [] : [openStore(stores, { onFault, onUnkept })],
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
