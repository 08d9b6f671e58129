/**
 * `npm run guest [-- small | kernel] [--verify] [--relock]`: builds the kernel and the small root file system from pinned packages,
 * or takes them from the cache, and writes the environment's manifest; `assay env build` makes the other environments. `--verify` builds both anew in another folder and
 * compares; `--relock` writes the hash of what is named into the lock instead of comparing it; `--json` prints name and
 * id as JSON. Exit status: 0 done, 2 wrong arguments, 3 this host cannot build, 5 other bytes than the pinned ones, else 1.
 */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../src/core/node/makeFolder.ts";
import { holds, sha256Of } from "../../src/guest/images/node/downloads.ts";
import { imageFile } from "../../src/guest/node/environmentCache.ts";
import { buildWasm } from "../buildWasm.ts";
import { withLock } from "./buildLock.ts";
import { cachedImage, folder } from "./cache.ts";
import { makeSmall } from "./environment.ts";
import { buildInitKit } from "./initKit.ts";
import { debianPackageOf, type Lock, npmPackageOf, readLock, writeLock } from "./lock.ts";
import { inProgress, say } from "./progress.ts";
import { type Recipe, type RecipeName, recipes } from "./recipes.ts";
import { Refusal, refusalStatus } from "./refusal.ts";
import { stopRuns } from "./run.ts";
import { prepareToolchain } from "./toolchain.ts";

/** The sha256 of the pinned image: from the cache, or built and compared with the pin. */
async function image(name: RecipeName, lock: Lock): Promise<string> {
  const pinned = lock.images[name];
  if (pinned !== undefined && (await holds(imageFile(folder, `0x${pinned}`), pinned))) return pinned;
  const toolchain = await prepareToolchain();
  const made = await makeImage(name, lock, toolchain);
  if (made !== pinned) throw new Refusal(otherImage(name, made, lock, toolchain), refusalStatus.otherBytes);
  return made;
}

async function makeImage(name: RecipeName, lock: Lock, toolchain: Readonly<Record<string, string>>): Promise<string> {
  const recipe: Recipe = recipes[name];
  const packages = [
    ...recipe.debian.map((each) => debianPackageOf(lock, each)),
    ...recipe.npm.map((each) => npmPackageOf(lock, each)),
  ];
  const decisive = [JSON.stringify([packages, toolchain]), ...(await recipe.inputs())];
  return cachedImage(name, decisive, (work) => inProgress(name, `building ${name}`, () => recipe.make(lock, work)));
}

function otherImage(name: string, made: string, lock: Lock, toolchain: Readonly<Record<string, string>>): string {
  const differences = Object.entries(lock.toolchain)
    .filter(([tool, version]) => toolchain[tool] !== version)
    .map(([tool, version]) => `${tool} is ${toolchain[tool] ?? "not there"}, pinned is ${version}`);
  return (
    `the ${name} built here has sha256 ${made}, pinned is ${lock.images[name]}: ` +
    `${differences.join("; ") || "the toolchain is the pinned one"}. Import the environment instead: ` +
    `"assay env import <file>"; "npm run guest -- --relock" makes another one, with another id`
  );
}

/** Builds images anew, in a folder of another name, and tells whether the pinned bytes come out. */
async function verify(names: readonly RecipeName[], lock: Lock): Promise<boolean> {
  await prepareToolchain();
  const all = join(folder, "work");
  makeFolder(all);
  // What a killed process left; nobody else is at work here.
  const left = (await readdir(all)).filter((name) => name.startsWith("verify-"));
  for (const name of left) await rm(join(all, name), { recursive: true, force: true });
  const work = await mkdtemp(join(all, "verify-"));
  let same = true;
  try {
    for (const name of names) {
      const target = join(work, name);
      await mkdir(target);
      const make = () => recipes[name].make(lock, target);
      const given = await sha256Of(await inProgress(`verify-${name}`, `building ${name} anew`, make));
      say(`${name}: ${given} ${given === lock.images[name] ? "as pinned" : `pinned is ${lock.images[name]}`}`);
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

const flags = ["--verify", "--relock", "--json"];

async function main(args: readonly string[]): Promise<void> {
  const options = new Set(args.filter((arg) => flags.includes(arg)));
  const [environment = "small", ...rest] = args.filter((arg) => !options.has(arg));
  const alone = environment === "kernel";
  if (rest.length > 0 || (environment !== "kernel" && environment !== "small")) {
    throw new Refusal(
      `unknown argument ${rest[0] ?? environment}: expected kernel, small, ${flags.join(", ")}; "assay env build" makes other environments`,
      refusalStatus.usage,
    );
  }
  process.umask(0o022);
  await buildWasm();
  const onWait = (pid: number) => say(`process ${pid} builds here: waiting for it`);
  await withLock(folder, onWait, async () => {
    if (alone) {
      await prepareToolchain();
      await buildInitKit();
    }
    const names: readonly RecipeName[] = alone ? ["kernel"] : ["kernel", "small"];
    const lock = options.has("--relock") ? await relock([environment], readLock()) : readLock();
    const kernel = await image("kernel", lock);
    if (!alone) await writeManifest(kernel, lock, options.has("--json"));
    if (options.has("--verify") && !(await verify(names, lock))) process.exitCode = refusalStatus.otherBytes;
  });
}

async function writeManifest(kernel: string, lock: Lock, json: boolean): Promise<void> {
  const { name, id } = await makeSmall(kernel, await image("small", lock));
  console.log(json ? JSON.stringify({ name, id }) : `environment ${name}: ${id}`);
}

for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.on(signal, () => {
    stopRuns();
    process.exit(status);
  });
}
try {
  await main(process.argv.slice(2));
} catch (error) {
  say(`assay: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof Refusal ? error.status : 1;
}
