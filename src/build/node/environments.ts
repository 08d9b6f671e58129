import { AssayError } from "../../core/errors.ts";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import type { EnvironmentProvider, RunnableEnvironment } from "../../environment/runnable.ts";
import { guests } from "../../guest/node/guestEnvironment.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { releaseTarballEnvironments } from "../../programs/releaseTarball/node/environment.ts";

/** Everything that has environments; a name that two of them have means that of the first. */
const providers: readonly EnvironmentProvider[] = [releaseTarballEnvironments, guests(() => cacheFolder())];

/**
 * The environment of a name, or of an id.
 * @throws AssayError `environment/unknown` naming those that there are, `guest/...`
 */
export async function environmentNamed(nameOrId: string): Promise<RunnableEnvironment> {
  const hasher = await loadKeccakKernel();
  const wantedId = /^0x[0-9a-fA-F]{64}$/.test(nameOrId) ? nameOrId.toLowerCase() : undefined;
  const known: string[] = [];
  for (const provider of providers) {
    const names = await provider.names();
    known.push(...names);
    for (const name of wantedId === undefined ? names.filter((each) => each === nameOrId) : names) {
      const environment = await provider.read(name, hasher);
      if (wantedId === undefined || environment.id === wantedId) return environment;
    }
  }
  throw new AssayError(
    "environment/unknown",
    `there is no environment ${JSON.stringify(nameOrId)}; there is: ${known.join(", ")}. ` +
      'Guests are built with "assay env build <name>" (Debian) or imported with "assay env import <file>"',
    { name: nameOrId },
  );
}
