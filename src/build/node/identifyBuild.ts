import type { Root } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { rootInDrive } from "../../dependencies/imageRoot.ts";
import type { DependencyImage } from "../../dependencies/lock.ts";
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
  /** Whether the source has a folder `.git`, in environments whose `sourceRules` allow it; not when missing. */
  readonly git?: boolean | undefined;
  /** Name or id of an environment. */
  readonly environment: string;
  /** What is run; only, and always, in environments that run commands. */
  readonly command?: BuildCommand | undefined;
  /** What the build finds at `/deps`. */
  readonly dependencies?: BuildDependencies | undefined;
}

/** The dependency image of a build. */
export interface BuildDependencies {
  readonly image: DependencyImage;
  /** Its bytes, which only a run needs, and which hash to what `image` says. */
  read(): Promise<Uint8Array>;
}

/** A build with all that it takes to run it. */
export interface IdentifiedBuild extends Source {
  readonly buildId: Root;
  readonly environment: RunnableEnvironment;
  readonly dependencies?: BuildDependencies | undefined;
}

/**
 * Reads a source and computes the id of its build.
 * @throws AssayError `environment/unknown`, `environment/bad-build`, `environment/no-dependencies`, `dependencies/too-large`,
 * `source/...`, `guest/...`
 */
export async function identifyBuild(request: BuildRequest): Promise<IdentifiedBuild> {
  const { source: location, revision, submodules = true, git = false, command, dependencies } = request;
  const kernel = await loadKeccakKernel();
  const environment = await environmentNamed(request.environment);
  if (git && environment.sourceRules?.gitFolder !== true) {
    const { name } = environment;
    throw new AssayError("environment/bad-build", `${name} takes no sources with a folder .git: leave out --git`, {
      name,
    });
  }
  const source = await readSource(location, {
    ...(revision !== undefined && { revision }),
    submodules,
    git,
    capacity: 2 ** environment.drive.log2Size,
    encodeDeferred: async (tree) => await environment.encodeInput(tree, command, dependencies?.image.size),
  });
  const place = environment.dependencies;
  // An environment without a place for them is refused below.
  const root =
    dependencies && (place ? rootInDrive(dependencies.image, place.log2Size, kernel) : dependencies.image.root);
  const buildId = buildIdOf(environment, source.drive, kernel, root && { root });
  return { ...source, environment, buildId, dependencies };
}
