/**
 * `npm run guest [-- --verify | --relock]`: builds the kernel and the small root file system from pinned packages, or takes
 * them from the cache, and writes the environment's manifest. `--verify` builds everything anew in another folder and
 * compares; `--relock` writes the hashes that come out into the lock instead of comparing them.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { imageFile } from "../../src/guest/node/environmentCache.ts";
import { buildWasm } from "../buildWasm.ts";
import { cachedImage, folder, holds, sha256Of } from "./cache.ts";
import { makeEnvironment } from "./environment.ts";
import { type Lock, readLock, writeLock } from "./lock.ts";
import { recipes } from "./recipes.ts";
import { prepareToolchain } from "./toolchain.ts";

/** The sha256 of the pinned image: from the cache, or built and compared with the pin. */
async function image(name: string, lock: Lock): Promise<string> {
  const pinned = lock.images[name];
  if (pinned !== undefined && (await holds(imageFile(folder, `0x${pinned}`), pinned))) return pinned;
  const toolchain = await prepareToolchain();
  console.log(`building ${name}`);
  const made = await makeImage(name, lock, toolchain);
  if (made !== pinned) throw new Error(otherImage(name, made, lock, toolchain));
  return made;
}

async function makeImage(name: string, lock: Lock, toolchain: Readonly<Record<string, string>>): Promise<string> {
  const { inputs, make } = recipes[name]!;
  const decisive = [JSON.stringify([lock.debian, lock.npm, toolchain]), ...(await inputs())];
  return cachedImage(name, decisive, (work) => make(lock, work));
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

/** Builds everything anew, in a folder of another name, and tells whether the pinned bytes come out. */
async function verify(lock: Lock): Promise<boolean> {
  await prepareToolchain();
  await mkdir(join(folder, "work"), { recursive: true });
  const work = await mkdtemp(join(folder, "work", "verify-"));
  let same = true;
  try {
    for (const [name, { make }] of Object.entries(recipes)) {
      const target = join(work, name);
      await mkdir(target);
      const given = await sha256Of(await make(lock, target));
      console.log(`${name}: ${given} ${given === lock.images[name] ? "as pinned" : `pinned is ${lock.images[name]}`}`);
      same &&= given === lock.images[name];
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return same;
}

/** Builds with what is there and pins it. */
async function relock(lock: Lock): Promise<Lock> {
  const toolchain = await prepareToolchain();
  const images: Record<string, string> = {};
  for (const name of Object.keys(recipes)) images[name] = await makeImage(name, lock, toolchain);
  const relocked = { ...lock, toolchain, images };
  writeLock(relocked);
  return relocked;
}

async function main(args: readonly string[]): Promise<void> {
  const unknown = args.find((arg) => arg !== "--verify" && arg !== "--relock");
  if (unknown !== undefined) throw new Error(`unknown argument ${unknown}: expected nothing, --verify or --relock`);
  process.umask(0o022);
  await buildWasm();
  const lock = args.includes("--relock") ? await relock(readLock()) : readLock();
  const kernel = await image("kernel", lock);
  const root = await image("small", lock);
  const { name, id } = await makeEnvironment("small", kernel, root);
  console.log(`environment ${name}: ${id}`);
  if (args.includes("--verify") && !(await verify(lock))) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`assay: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
