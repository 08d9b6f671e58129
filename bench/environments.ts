import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder } from "../src/core/node/cacheFolder.ts";
import { packageFiles } from "../src/core/node/packageFiles.ts";
import { packEnvironment } from "../src/guest/node/environmentArchive.ts";
import { imageFile, readManifest } from "../src/guest/node/environmentCache.ts";
import { loadKeccakKernel } from "../src/merkle/node/keccakKernelNode.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";
import { inOwnProcess } from "./ownProcess.ts";

export const parts = ["hashing", "building", "start", "sizes"] as const;

/** The environments that come with Assay, and what their archives may take, a tenth more than they do: what a first try has to download. */
const most = { small: 12, c: 220, node: 125, python: 100, go: 195, rust: 290 } as const;

/** Figures of environments and of what goes into them. */
export const run: Benchmark = async (wanted) => {
  const figures: Figure[] = [];
  if (wanted.has("hashing")) figures.push(await measureHashing());
  if (wanted.has("building")) figures.push(await measureBuilding());
  if (wanted.has("start")) figures.push(await measureStart());
  if (wanted.has("sizes")) figures.push(...(await measureSizes()));
  return figures;
};

interface HashedDrive {
  readonly seconds: number;
  readonly bytes: number;
  readonly peakMebibytes: number;
}

/** A drive of 1 GiB, as a client hashes dependencies: in a process of its own, from a stream. */
async function measureHashing(): Promise<Figure> {
  const { seconds, bytes, peakMebibytes } = await inOwnProcess<HashedDrive>(
    new URL("./hashDriveProcess.ts", import.meta.url),
  );
  console.log(
    `environments: a drive of 1 GiB is hashed in ${seconds.toFixed(2)} s, in ${peakMebibytes.toFixed(0)} MiB`,
  );
  const megabytes = bytes / 1e6 / seconds;
  return { name: "env.hashMegabytesPerSecond", value: megabytes, unit: "MB/s", target: 200, better: "higher" };
}

/** `assay env build c` into an empty cache, with the packages and the kernel that are here. */
async function measureBuilding(): Promise<Figure> {
  const cache = await mkdtemp(join(tmpdir(), "assay-env-"));
  try {
    const folder = join(cache, "assay");
    const { images } = await readManifest(cacheFolder(), "c", await loadKeccakKernel());
    await mkdir(join(folder, "images"), { recursive: true });
    await symlink(join(cacheFolder(), "downloads"), join(folder, "downloads"));
    const kernel = images.kernel.sha256;
    await symlink(imageFile(cacheFolder(), kernel), imageFile(folder, kernel));
    const started = performance.now();
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    await promisify(execFile)(fileURLToPath(packageFiles.command), ["env", "build", "c", "--json"], { env });
    const seconds = (performance.now() - started) / 1000;
    console.log(`environments: c is built from packages that are here in ${seconds.toFixed(0)} s`);
    return { name: "env.buildSeconds", value: seconds, unit: "s", target: 120, better: "lower" };
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

/** From a machine that was used before to the first thing that the build's command prints. */
async function measureStart(): Promise<Figure> {
  const process = new URL("./environmentStartProcess.ts", import.meta.url);
  const { first, later } = await inOwnProcess<{ first: number; later: number[] }>(process, "small");
  console.log(
    `environments: the first command runs after ${first.toFixed(2)} s, later ones after ${later.map((one) => one.toFixed(2)).join(", ")}`,
  );
  return { name: "env.startSeconds", value: median(later), unit: "s", target: 0.5, better: "lower" };
}

/** The environments in this cache, as they travel. */
async function measureSizes(): Promise<Figure[]> {
  const kernel = await loadKeccakKernel();
  const there = new Set(await readdir(join(cacheFolder(), "environments")));
  const figures: Figure[] = [];
  for (const [name, target] of Object.entries(most)) {
    if (!there.has(`${name}.json`)) continue;
    let bytes = 0;
    const manifest = await readManifest(cacheFolder(), name, kernel);
    for await (const part of packEnvironment(cacheFolder(), manifest)) bytes += (part as Buffer).length;
    const megabytes = bytes / 1e6;
    console.log(
      `environments: ${name} travels as ${megabytes.toFixed(1)} MB, its image is ${(manifest.images.root.size / 1e6).toFixed(0)} MB`,
    );
    figures.push({ name: `env.${name}.megabytes`, value: megabytes, unit: "MB", target, better: "lower" });
  }
  return figures;
}
