import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildIdOf, type Environment, environmentOf, parseEnvironment } from "../client/environment.ts";
import type { Root } from "../core/bytes.ts";
import { AssayError, isAssayError } from "../core/errors.ts";
import { loadClaimable } from "../machine/claimable.ts";
import type { Hasher } from "../merkle/hasher.ts";
import { loadKeccakKernel } from "../merkle/node/keccakKernelNode.ts";
import { readProgram } from "../programs/node/readProgram.ts";
import type { Program } from "../programs/program.ts";
import { releaseTarball } from "../programs/releaseTarball/manifest.ts";
import { readSource } from "../source/node/readSource.ts";
import type { Source } from "../source/source.ts";
import { writeFileAtomically } from "../store/node/atomicFile.ts";
import type { CliErrorCode } from "./errors.ts";
import { projectRoot } from "./localChain.ts";

/** The programs that come with Assay. */
const programs: readonly Program[] = [releaseTarball];

/** @throws AssayError `cli/bad-argument` naming those that there are. */
export function programNamed(name: string): Program {
  const found = programs.find((program) => program.name === name);
  if (found !== undefined) return found;
  const names = programs.map((program) => program.name).join(", ");
  throw new AssayError<CliErrorCode>(
    "cli/bad-argument",
    `there is no program ${JSON.stringify(name)}; there is: ${names}`,
    {
      name,
    },
  );
}

/** A source, and the id of its build. */
export interface IdentifiedSource extends Source {
  readonly buildId: Root;
  readonly program: Program;
}

/**
 * Reads a source and computes the id of its build from the program's environment.
 * @param location path or URL; see `src/source/README.md`.
 */
export async function identifySource(
  location: string,
  revision: string | undefined,
  program: Program,
): Promise<IdentifiedSource> {
  const hasher = await loadKeccakKernel();
  const source = await readSource(location, revision === undefined ? {} : { revision });
  const environment = await loadEnvironment(program, hasher);
  return { ...source, program, buildId: buildIdOf(environment, source.drive, hasher) };
}

/** The environment of a program: computed once from its binary, then kept beside the builds. */
export async function loadEnvironment(program: Program, hasher: Hasher): Promise<Environment> {
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
  const binary = await readProgram(program);
  const environment = environmentOf(program, loadClaimable(binary), hasher);
  await writeFileAtomically(file, `${JSON.stringify(environment, undefined, 2)}\n`).catch(() => {});
  return environment;
}
