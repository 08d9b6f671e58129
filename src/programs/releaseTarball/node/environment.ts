import { readFile } from "node:fs/promises";
import { AssayError, isAssayError } from "../../../core/errors.ts";
import { packageFiles } from "../../../core/node/packageFiles.ts";
import { type Environment, environmentOf, parseEnvironment } from "../../../environment/environment.ts";
import type { EnvironmentProvider, RunnableEnvironment } from "../../../environment/runnable.ts";
import { loadClaimable } from "../../../machine/claimable.ts";
import type { Hasher } from "../../../merkle/hasher.ts";
import { encodeDrive } from "../../../source/drive.ts";
import { wholeTree } from "../../../source/node/readSource.ts";
import { readProgram } from "../../node/readProgram.ts";
import { checkpointLevels, describeExitCode, releaseTarball as program } from "../manifest.ts";

/** The environment whose program comes along. */
export const releaseTarballEnvironments: EnvironmentProvider = {
  names: async () => [program.name],
  read: async (_, hasher) => await releaseTarballEnvironment(hasher),
};

async function releaseTarballEnvironment(hasher: Hasher): Promise<RunnableEnvironment> {
  const { name, maxLog2StepsPerTick, inputDrive, outputDrive } = program;
  return {
    ...((await readKept(hasher)) ?? (await deriveReleaseTarball(hasher))),
    maxLog2StepsPerTick,
    checkpointLevels,
    artifactAddress: outputDrive.address,
    describeExit: describeExitCode,
    runsCommands: false,
    async encodeInput(tree, command) {
      if (command !== undefined) {
        throw new AssayError("environment/bad-build", `the environment ${name} runs no commands`, { name });
      }
      return encodeDrive(await wholeTree(tree), 2 ** inputDrive.log2Size);
    },
    open: async () => ({ program: loadClaimable(await readProgram(program)), drives: [] }),
  };
}

/** Where the build of the programs keeps what it has derived. */
export const releaseTarballFile = new URL(`${program.name}.json`, packageFiles.environments);

/** Derives the environment from the program's binary: its id takes a look at the whole first state. */
export async function deriveReleaseTarball(hasher: Hasher): Promise<Environment> {
  const { name, sha256, inputDrive: drive } = program;
  const claimable = loadClaimable(await readProgram(program));
  return environmentOf({ name, program: { name, sha256 }, drive }, claimable, hasher);
}

/** What was derived from this very binary, if it is there. */
export async function readKept(hasher: Hasher): Promise<Environment | undefined> {
  const kept = await readFile(releaseTarballFile, "utf8").catch(() => undefined);
  if (kept === undefined) return undefined;
  try {
    const environment = parseEnvironment(kept, hasher);
    return environment.program.sha256 === program.sha256 ? environment : undefined;
  } catch (error) {
    if (!isAssayError(error)) throw error;
    return undefined;
  }
}
