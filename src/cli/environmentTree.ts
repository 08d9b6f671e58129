import { AssayError } from "../core/errors.ts";
import type { EnvironmentLock, Origin } from "../guest/images/lock.ts";
import type { TreeMaker } from "../guest/images/node/buildEnvironment.ts";

/** Where files are that a lock does not say the place of: `oci:<folder or tar>`, `dir:<folder>`, `nix:<file>`. */
export interface Place {
  readonly kind: Exclude<Origin["kind"], "debian">;
  readonly path: string;
}

/** @throws AssayError `cli/bad-argument` */
export function parsePlace(text: string): Place {
  const [, kind, path] = /^(oci|dir|nix):(.+)$/s.exec(text) ?? [];
  if (path === undefined) {
    throw new AssayError(
      "cli/bad-argument",
      `--from ${JSON.stringify(text)}: expected oci:<folder or tar>, dir:<folder> or nix:<file>`,
    );
  }
  return { kind: kind as Place["kind"], path };
}

/**
 * The way from what a lock pins, or from a place, to the tree of an environment.
 * @param folder of the cache.
 * @throws AssayError `cli/bad-argument` when a place is needed, or another one
 */
export async function treeMakerOf(lock: EnvironmentLock, place: Place | undefined, folder: string): Promise<TreeMaker> {
  const { kind } = lock.from;
  if (kind === "debian") {
    const { debianRoot } = await import("../guest/images/node/debianRoot.ts");
    return async (spool, say) => await debianRoot(lock, folder, spool, say);
  }
  if (place?.kind !== kind) {
    throw new AssayError(
      "cli/bad-argument",
      `say where the files are (--from ${kind}:...): the lock knows only what they have to be`,
    );
  }
  const { path } = place;
  if (kind === "dir") {
    const { folderTree } = await import("../guest/images/node/folderTree.ts");
    return async (spool) => ({ tree: await folderTree(path, spool) });
  }
  if (kind === "nix") {
    const { nixTree } = await import("../guest/images/node/nixTree.ts");
    return async (spool) => await nixTree(path, spool);
  }
  const { ociLayout } = await import("../guest/images/node/ociLayout.ts");
  const { ociTree } = await import("../guest/images/node/ociTree.ts");
  return async (spool) => await ociTree(await ociLayout(path, spool), spool);
}
