import { readFile } from "node:fs/promises";
import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Of an archive in a mirror of Debian. */
const poolPath = z.string().regex(/^pool\/(?!.*\.\.)[A-Za-z0-9/._+~-]+$/);

/** A module or crate as Debian has it: the archive of its source, unpacked and packed anew where modules are zip archives. */
const publishedModule = z.strictObject({
  kind: z.enum(["go", "cargo"]),
  name: z.string(),
  version: z.string(),
  path: poolPath,
  sha256,
});

const dependencies = z.strictObject({
  /** The lock files in the source. */
  locks: z.array(z.string()).min(1),
  /** What a `package-lock.json` has SHA-1 of alone: `name@version` -> the integrity that takes its place. */
  integrities: z.record(z.string(), z.string().regex(/^sha512-/)).default({}),
  /** What no public registry is asked for. */
  modules: z.array(publishedModule).default([]),
});

/** How the program that a guest has made is compared with one that the host makes of the same source. */
const compared = z.strictObject({
  /** What makes it on the host, in the source's folder. */
  native: z.string(),
  /** Where that leaves it. */
  program: z.string(),
  /** Run for each of the two, which is `$PROGRAM`: what it prints must not depend on the architecture. */
  command: z.string(),
});

const project = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  environment: z.string(),
  /** The source's archive, and its sha256. */
  path: poolPath,
  sha256,
  /** What is added to the source, such as a lock that its authors leave to others: path -> lines. */
  files: z.record(z.string(), z.array(z.string())).default({}),
  dependencies: dependencies.optional(),
  /** What is run in the unpacked archive; ends with a status other than 0 where build or tests fail. */
  command: z.string(),
  outputs: z.array(z.string()),
  reports: z.array(z.string()).default([]),
  tickLimit: z.int().positive().optional(),
  compared: compared.optional(),
});

/** A project as others have published it, and how it is built and tested in a guest. */
export type Project = z.output<typeof project>;

export type Compared = z.output<typeof compared>;

export type PublishedModule = z.output<typeof publishedModule>;

/** What came of one, in the environment that its project names. */
export interface Measured {
  readonly environment: string;
  readonly exitCode: number;
  readonly tests?: { readonly passed: number; readonly failed: number; readonly skipped: number } | undefined;
  /** Guest instructions. */
  readonly instructions: number;
  readonly artifactSha256: string | undefined;
  /** Whether it has printed the same under another emulator as the host's own; undefined where it was not compared. */
  readonly printsTheSame?: boolean | undefined;
}

/** What came of all of them: by name. */
export type Measurements = Readonly<Record<string, Measured>>;

export const projectsFile = new URL("projects.json", import.meta.url);
/** Comes with the package: it is what `assay build` says in advance. */
export const measuredFile = new URL("../../environments/measured.json", import.meta.url);

export async function readProjects(): Promise<readonly Project[]> {
  return z.strictObject({ projects: z.array(project) }).parse(JSON.parse(await readFile(projectsFile, "utf8")))
    .projects;
}

export async function readMeasurements(): Promise<Measurements> {
  const list = JSON.parse(await readFile(measuredFile, "utf8")) as readonly (Measured & { readonly name: string })[];
  return Object.fromEntries(list.map(({ name, ...measured }) => [name, measured]));
}

/** As they are kept: a list by name. */
export function encodeMeasurements(measured: Measurements): string {
  const names = Object.keys(measured).sort();
  return `${JSON.stringify(
    names.map((name) => ({ name, ...measured[name] })),
    null,
    2,
  )}\n`;
}
