import type { BuildResult } from "../../attestation/buildResult.ts";
import { openAttestations } from "../../attestation/node/openAttestations.ts";
import { AskedSource, defaultSourceLimits } from "../../client/policy/askedSource.ts";
import type { Root } from "../../core/bytes.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { openStore } from "../../store/node/openStore.ts";
import { readConfig } from "../config.ts";
import { resultsIn, type SignedBy } from "./signedBy.ts";

/** Content of a result, as the result names it. */
export type Named = Pick<NonNullable<BuildResult["log"]>, "sha256" | "size">;

/** Where results and their contents are looked for: each address is asked for both. */
export class Places {
  constructor(
    private readonly urls: readonly string[],
    private readonly mostBytes: number,
  ) {}

  /**
   * Everything signed about a build.
   * @throws AssayError `cli/diff-unavailable` if that is nothing
   */
  async resultsOf(buildId: Root): Promise<SignedBy[]> {
    const found: SignedBy[] = [];
    const whys: string[] = [];
    for (const url of this.urls) {
      const source = new AskedSource(openAttestations(url), defaultSourceLimits);
      const envelopes = (await source.find([{ algorithm: "build", digest: buildId.slice(2) }])).flat();
      found.push(...resultsIn(envelopes, source.ofResults).filter(({ result }) => result.buildId === buildId));
      whys.push(...source.faults.map((why) => `${url}: ${why}`));
    }
    if (found.length > 0) return found;
    const asked = this.urls.length === 0 ? "name where to look with --from" : `asked: ${this.urls.join(", ")}`;
    throw unavailable(`nobody has signed a result of build ${buildId} that can be found`, [asked, ...whys]);
  }

  /** @throws AssayError `cli/diff-unavailable` with the reasons */
  async read({ sha256, size }: Named, mostBytes = this.mostBytes): Promise<Uint8Array> {
    const what = `the content sha256:${sha256} cannot be had`;
    if (this.urls.length === 0) throw unavailable(what, ["name where to look with --from"]);
    if (size > mostBytes) throw unavailable(what, [`it has ${size} bytes, more than are read (${mostBytes})`]);
    try {
      const store = openStore(this.urls.map((url) => ({ url, write: false })));
      return await store.get(`sha256:${sha256}`, mostBytes);
    } catch (error) {
      if (!isAssayError(error)) throw error;
      throw unavailable(what, [error.message], error);
    }
  }
}

/** The addresses that were named, else the stores of the configuration if there is one. */
export async function addressesOf(from: readonly string[], config: string | undefined): Promise<readonly string[]> {
  if (from.length > 0) return from;
  try {
    return (await readConfig(config, process.env)).stores.map(({ url }) => url);
  } catch (error) {
    if (config === undefined && isAssayError(error, "cli/no-config")) return [];
    throw error;
  }
}

function unavailable(what: string, whys: readonly string[], cause?: unknown) {
  return new AssayError("cli/diff-unavailable", `${what}: ${whys.join("; ")}`, { whys }, { cause });
}
