/**
 * `npm run guest [-- small | gcc] [--verify] [--relock]`: builds the kernel and a root file system from pinned packages, or
 * takes them from the cache, and writes the environment's manifest. `--verify` builds both anew in another folder and
 * compares; `--relock` writes the hashes that come out into the lock instead of comparing them.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { imageFile } from "../../src/guest/node/environmentCache.ts";
import { buildWasm } from "../buildWasm.ts";
import { cachedImage, folder, holds, sha256Of } from "./cache.ts";
import { makeEnvironment } from "./environment.ts";
import { debianPackageOf, type Lock, npmPackageOf, readLock, writeLock } from "./lock.ts";
import { type Recipe, type RecipeName, recipes } from "./recipes.ts";
import { prepareToolchain } from "./toolchain.ts";

/** The sha256 of the pinned image: from the cache, or built and compared with the pin. */
async function image(name: RecipeName, lock: Lock): Promise<string> {
  const pinned = lock.images[name];
  if (pinned !== undefined && (await holds(imageFile(folder, `0x${pinned}`), pinned))) return pinned;
  const toolchain = await prepareToolchain();
  console.log(`building ${name}`);
  const made = await makeImage(name, lock, toolchain);
  if (made !== pinned) throw new Error(otherImage(name, made, lock, toolchain));
  return made;
}

async function makeImage(name: RecipeName, lock: Lock, toolchain: Readonly<Record<string, string>>): Promise<string> {
  const recipe: Recipe = recipes[name];
  const packages = [
    ...recipe.debian.map((each) => debianPackageOf(lock, each)),
    ...recipe.npm.map((each) => npmPackageOf(lock, each)),
  ];
  const decisive = [JSON.stringify([packages, toolchain]), ...(await recipe.inputs())];
  return cachedImage(name, decisive, (work) => recipe.make(lock, work));
}

function otherImage(name: string, made: string, lock: Lock, toolchain: Readonly<Record<string, string>>): string {
  const differences = Object.entries(lock.toolchain)
    .filter(([tool, version]) => toolchain[tool] !== version)
    .map(([tool, version]) => `${tool} is ${toolchain[tool] ?? "not there"}, pinned is ${version}`);
  return (
    `the ${name} built here has sha256 ${made}, pinned is ${lock.images[name]}: ` +
    `${differences.join("; ") || "the toolchain is the pinned one"}. Import the environment instead: ` +
    `"assay guest import <file>"; "npm run guest -- --relock" makes another one, with another id`
  );
}

/** Builds images anew, in a folder of another name, and tells whether the pinned bytes come out. */
async function verify(names: readonly RecipeName[], lock: Lock): Promise<boolean> {
  await prepareToolchain();
  await mkdir(join(folder, "work"), { recursive: true });
  const work = await mkdtemp(join(folder, "work", "verify-"));
  let same = true;
  try {
    for (const name of names) {
      const target = join(work, name);
      await mkdir(target);
      const given = await sha256Of(await recipes[name].make(lock, target));
      console.log(`${name}: ${given} ${given === lock.images[name] ? "as pinned" : `pinned is ${lock.images[name]}`}`);
      same &&= given === lock.images[name];
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return same;
}

/** Builds images with the toolchain that is there and pins what comes out. */
async function relock(names: readonly RecipeName[], lock: Lock): Promise<Lock> {
  const toolchain = await prepareToolchain();
  const images = { ...lock.images };
  for (const name of names) images[name] = await makeImage(name, lock, toolchain);
  const relocked = { ...lock, toolchain, images };
  writeLock(relocked);
  return relocked;
}

async function main(args: readonly string[]): Promise<void> {
  const options = new Set<string>(args.filter((arg) => arg === "--verify" || arg === "--relock"));
  const [environment = "small", ...rest] = args.filter((arg) => !options.has(arg));
  if (rest.length > 0 || (environment !== "small" && environment !== "gcc")) {
    throw new Error(`unknown argument ${rest[0] ?? environment}: expected small or gcc, --verify, --relock`);
  }
  process.umask(0o022);
  await buildWasm();
  const names: readonly RecipeName[] = ["kernel", environment];
  const lock = options.has("--relock") ? await relock(names, readLock()) : readLock();
  const kernel = await image("kernel", lock);
  const root = await image(environment, lock);
  const { id } = await makeEnvironment(environment, kernel, root);
  console.log(`environment ${environment}: ${id}`);
  if (options.has("--verify") && !(await verify(names, lock))) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`assay: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
