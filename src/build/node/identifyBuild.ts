import type { Root } from "../../core/bytes.ts";
import { buildIdOf } from "../../environment/environment.ts";
import type { BuildCommand, RunnableEnvironment } from "../../environment/runnable.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { readSource } from "../../source/node/readSource.ts";
import type { Source } from "../../source/source.ts";
import { environmentNamed } from "./environments.ts";

/** Everything that a build is: two equal ones have the same id. */
export interface BuildRequest {
  /** Path or URL; see `src/source/README.md`. */
  readonly source: string;
  /** Branch, tag or commit; `HEAD` when missing. Only for repositories. */
  readonly revision?: string | undefined;
  /** Whether submodules are part of the source (the default), or refused. */
  readonly submodules?: boolean | undefined;
  /** Name or id of an environment. */
  readonly environment: string;
  /** What is run; only, and always, in environments that run commands. */
  readonly command?: BuildCommand | undefined;
}

/** A build with all that it takes to run it. */
export interface IdentifiedBuild extends Source {
  readonly buildId: Root;
  readonly environment: RunnableEnvironment;
}

/**
 * Reads a source and computes the id of its build.
 * @throws AssayError `environment/unknown`, `environment/bad-build`, `source/...`, `guest/...`
 */
export async function identifyBuild(request: BuildRequest): Promise<IdentifiedBuild> {
  const { source: location, revision, submodules = true, command } = request;
  const environment = await environmentNamed(request.environment);
  const source = await readSource(location, {
    ...(revision !== undefined && { revision }),
    submodules,
    capacity: 2 ** environment.drive.log2Size,
    encode: (tree) => environment.encodeInput(tree, command),
  });
  const buildId = buildIdOf(environment, source.drive, await loadKeccakKernel());
  return { ...source, environment, buildId };
}
