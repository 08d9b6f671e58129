import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { BuildDependencies } from "../../src/build/node/identifyBuild.ts";
import { dependencyCache } from "../../src/build/node/lockedDependencies.ts";
import { lockDependencies } from "../../src/dependencies/node/assemble.ts";
import { projectLocks } from "../../src/dependencies/node/projectLocks.ts";
import { startLocalRegistry } from "../../test/support/localRegistry.ts";
import { zipOf } from "../../test/support/zipArchive.ts";
import type { Project, PublishedModule } from "./projects.ts";
import { fetchPublished, unpackPublished } from "./published.ts";

/**
 * What a project's locks pin, as an image: from the public registries, or, what Debian has, from a registry of this process. Either way
 * it is what the lock has the digest of.
 * @param source the project's folder. @param work a folder for modules, which is not there yet.
 */
export async function dependenciesOf(
  { dependencies }: Project,
  source: string,
  work: string,
): Promise<BuildDependencies | undefined> {
  if (dependencies === undefined) return undefined;
  const { locks, integrities, modules } = dependencies;
  for (const lock of locks) await strengthen(join(source, lock), integrities);
  const answers = new Map<string, Uint8Array>();
  for (const module of modules)
    for (const [path, content] of await answersFor(module, join(work, `${answers.size}`))) answers.set(path, content);
  await using registry = await startLocalRegistry(answers);
  const registries = Object.fromEntries(modules.map(({ kind }) => [kind, registry.url]));
  const { image, file } = await lockDependencies(
    await projectLocks(source, locks),
    await dependencyCache({ registries }),
  );
  return { image, read: async () => new Uint8Array(await readFile(file)) };
}

/** Puts other integrities into a `package-lock.json`. */
async function strengthen(file: string, integrities: Readonly<Record<string, string>>): Promise<void> {
  if (Object.keys(integrities).length === 0) return;
  const lock = JSON.parse(await readFile(file, "utf8"));
  for (const [path, entry] of Object.entries<{ version?: string; integrity?: string }>(lock.packages)) {
    const stronger = integrities[`${path.split("node_modules/").at(-1)}@${entry.version}`];
    if (stronger !== undefined) entry.integrity = stronger;
  }
  await writeFile(file, JSON.stringify(lock, undefined, 2));
}

/** What a registry answers that has this module, by path. */
async function answersFor(module: PublishedModule, work: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const { kind, name, version } = module;
  if (kind === "cargo")
    return new Map([[`/${name}/${name}-${version}.crate`, await readFile(await fetchPublished(module))]]);
  await unpackPublished(module, work);
  const found = await readdir(work, { recursive: true, withFileTypes: true });
  const files: Record<string, Uint8Array> = {};
  for (const entry of found.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name);
    files[`${name}@${version}/${relative(work, file)}`] = await readFile(file);
  }
  const at = `/${name}/@v/${version}`;
  return new Map([
    [`${at}.zip`, zipOf(files)],
    [`${at}.mod`, await readFile(join(work, "go.mod"))],
  ]);
}
