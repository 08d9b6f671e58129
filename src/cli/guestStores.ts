import type { Root } from "../core/bytes.ts";
import { AssayError, isAssayError } from "../core/errors.ts";
import { cacheFolder } from "../core/node/cacheFolder.ts";
import { printableLines } from "../core/printable.ts";
import type { GuestManifest } from "../guest/manifest.ts";
import { fetchEnvironment, findByName } from "../guest/node/fetchEnvironment.ts";
import type { Hasher } from "../merkle/hasher.ts";
import type { ContentId } from "../store/contentId.ts";
import type { MirrorFault } from "../store/mirrorHealth.ts";
import { openStore } from "../store/node/openStore.ts";
import { environmentPlaces } from "./environmentPlaces.ts";
import { describeError, type Output, table } from "./output.ts";
import { type ReadStoreOptions, storesToRead } from "./storeOptions.ts";

/** What an import from stores is told. */
export interface StoreImportOptions extends ReadStoreOptions {
  /** The id that the user trusts. */
  readonly id?: Root;
}

/** Whether stores are named in which an environment can be looked for by its name. */
export async function hasStores(options: StoreImportOptions): Promise<boolean> {
  try {
    return (await storesToRead(options)).length > 0;
  } catch (error) {
    if (isAssayError(error, "cli/no-config")) return false;
    throw error;
  }
}

/**
 * Takes an environment that is found in stores, by its id or by a name, into the cache, and says so.
 * @throws AssayError `guest/not-found`, `guest/ambiguous-name`, `guest/other-environment`, `store/...`
 */
export async function importFromStores(
  wanted: { readonly id: Root } | { readonly name: string },
  hasher: Hasher,
  options: StoreImportOptions,
  output: Output,
): Promise<void> {
  if (options.id !== undefined && "id" in wanted && options.id !== wanted.id)
    throw new AssayError("cli/bad-argument", "--id names another environment than the one asked for");
  const stores = await storesToRead(options);
  const progress = output.progress("import");
  const from = {
    folder: cacheFolder(),
    hasher,
    places: environmentPlaces(stores),
    onFault: (url: string, why: string) => void process.stderr.write(`assay: ${url}: ${printableLines(why)}\n`),
  };
  try {
    const trusted = "id" in wanted ? wanted.id : options.id;
    const id = trusted ?? (await findByName((wanted as { name: string }).name, from));
    const { manifest, wasThere } = await fetchEnvironment(id, {
      ...from,
      source: openStore(stores, { onFault, onUnkept }),
      isTrusted: trusted !== undefined,
      onProgress: (name, bytes, size) =>
        progress.update(`${name}, ${(bytes / 1e6).toFixed(0)} of ${(size / 1e6).toFixed(0)} MB`),
    });
    progress.end();
    sayImported(output, manifest, wasThere, trusted !== undefined);
  } finally {
    progress.end();
  }
}

/** Says which environment is there now. */
export function sayImported(output: Output, { name, id }: GuestManifest, wasThere: boolean, isTrusted: boolean): void {
  output.data({ name, id, wasThere }, () =>
    table([
      ["environment", wasThere ? `${name} (was there already)` : name],
      ["id", isTrusted ? `${id}, the trusted one` : `${id}: compare it with one that you trust`],
    ]),
  );
}

/** Says that a mirror failed. */
export function onFault({ mirror, why }: MirrorFault): void {
  process.stderr.write(`assay: the mirror ${mirror} ${why}\n`);
}

/** Says that a content is not kept. */
export function onUnkept(id: ContentId, error: unknown): void {
  process.stderr.write(`assay: ${id} came from a mirror and is not kept in the store: ${describeError(error)}\n`);
}
