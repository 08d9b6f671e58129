import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AssayError, isAssayError } from "../core/errors.ts";
import { cacheFolder } from "../core/node/cacheFolder.ts";
import { type Environment, environmentOf, parseEnvironment } from "../environment/environment.ts";
import type { RunnableEnvironment } from "../environment/runnable.ts";
import type { EnvironmentManifest } from "../guest/manifest.ts";
import { listEnvironments, readManifest } from "../guest/node/environmentCache.ts";
import { runnableGuest } from "../guest/node/runnableGuest.ts";
import { loadClaimable } from "../machine/claimable.ts";
import type { Hasher } from "../merkle/hasher.ts";
import { loadKeccakKernel } from "../merkle/node/keccakKernelNode.ts";
import { readProgram } from "../programs/node/readProgram.ts";
import type { Program } from "../programs/program.ts";
import { describeExitCode, releaseTarball } from "../programs/releaseTarball/manifest.ts";
import { writeFileAtomically } from "../store/node/atomicFile.ts";
import type { CliErrorCode } from "./errors.ts";
import { projectRoot } from "./localChain.ts";

/** An environment that a build can be run in, with the manifest that describes it if it is a guest. */
export interface NamedEnvironment extends RunnableEnvironment {
  readonly guest?: EnvironmentManifest;
}

/** The environment whose program comes along. */
export const releaseTarballName = releaseTarball.name;
/** Inputs above this size are many ticks of work: they get fewer checkpoints, each of which costs a look through memory. */
const largeInputBytes = 4 * 2 ** 20;

/**
 * The environment of a name (or, for a guest, its id).
 * @throws AssayError `cli/bad-argument` naming those that there are, `guest/...`
 */
export async function environmentNamed(nameOrId: string): Promise<NamedEnvironment> {
  const hasher = await loadKeccakKernel();
  if (nameOrId === releaseTarball.name) return await releaseTarballEnvironment(hasher);
  const folder = cacheFolder();
  const names = await listEnvironments(folder);
  const wantedId = /^0x[0-9a-fA-F]{64}$/.test(nameOrId) ? nameOrId.toLowerCase() : undefined;
  for (const name of wantedId === undefined ? names.filter((each) => each === nameOrId) : names) {
    const manifest = await readManifest(folder, name, hasher);
    if (wantedId === undefined || manifest.id === wantedId) {
      return { ...runnableGuest(manifest, folder), guest: manifest };
    }
  }
  throw new AssayError<CliErrorCode>(
    "cli/bad-argument",
    `there is no environment ${JSON.stringify(nameOrId)}; there is: ${[releaseTarball.name, ...names].join(", ")}. ` +
      'Guests are built with "assay guest build <name>" (Debian) or imported with "assay guest import <file>"',
    { name: nameOrId },
  );
}

async function releaseTarballEnvironment(hasher: Hasher): Promise<NamedEnvironment> {
  const program = releaseTarball;
  return {
    environment: await loadEnvironment(program, hasher),
    maxLog2StepsPerTick: program.maxLog2StepsPerTick,
    checkpointLevels: (inputBytes) => (inputBytes > largeInputBytes ? 2 : 1),
    artifactAddress: program.outputDrive.address,
    describeExit: describeExitCode,
    open: async () => ({ program: loadClaimable(await readProgram(program)), drives: [] }),
  };
}

/** The environment of a program: computed once from its binary, then kept beside the builds. */
async function loadEnvironment(program: Program, hasher: Hasher): Promise<Environment> {
  const file = join(projectRoot, "build", "environments", `${program.sha256}.json`);
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) {
    try {
      const environment = parseEnvironment(kept, hasher);
      if (environment.program.sha256 === program.sha256) return environment;
    } catch (error) {
      if (!isAssayError(error)) throw error;
    }
  }
  const { name, sha256, inputDrive: drive } = program;
  const claimable = loadClaimable(await readProgram(program));
  const environment = environmentOf({ name, program: { name, sha256 }, drive }, claimable, hasher);
  await writeFileAtomically(file, `${JSON.stringify(environment, undefined, 2)}\n`).catch(() => {});
  return environment;
}
