/** Files that a lock pins by their sha256: from the cache, or downloaded into it. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { AssayError } from "../../../core/errors.ts";
import { makeFolder } from "../../../core/node/makeFolder.ts";
import type { DebianPackage, NpmPackage } from "../lock.ts";
import { runTool } from "./tools.ts";

const aptHelper = "/usr/lib/apt/apt-helper";
const snapshotArchive = "https://snapshot.debian.org/";
const inParallel = 4;

export interface DebianPlaces {
  /** Addresses of mirrors, each with a slash at its end. */
  readonly mirrors: readonly string[];
  /** Of the snapshot archive, with a slash at its end, and the time that it is asked for. */
  readonly snapshot?: { readonly url: string; readonly time: string };
}

/** The mirrors and the snapshot archive that this host uses: ASSAY_DEBIAN_MIRROR, ASSAY_DEBIAN_SNAPSHOT, else Debian's own. */
export async function debianPlaces(time: string | undefined): Promise<DebianPlaces> {
  const { ASSAY_DEBIAN_MIRROR: named, ASSAY_DEBIAN_SNAPSHOT: snapshot } = process.env;
  const used = named ? [named] : await hostMirrors();
  const mirrors = [...new Set(used.map(withSlash))];
  return { mirrors, ...(time !== undefined && { snapshot: { url: withSlash(snapshot || snapshotArchive), time } }) };
}

/** Mirrors of Debian that this host's own apt uses, with Debian's own behind them. */
async function hostMirrors(): Promise<string[]> {
  const listed = await runTool("apt-get", ["update", "--print-uris"]).catch(() => "");
  const used = [...listed.matchAll(/'([^']+\/debian\/)dists\//g)].map(([, base]) => base!);
  return [...used, "https://deb.debian.org/debian/"];
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** True when the file is there and holds these bytes; a file that holds others is removed. */
export async function holds(file: string, sha256: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  if ((await sha256Of(file)) === sha256) return true;
  await rm(file, { force: true });
  return false;
}

/**
 * The files of pinned Debian packages, in their order.
 * @param folder of the cache. @param onProgress called with the number of those that are here.
 * @throws AssayError `guest/package-missing` naming every place that was asked
 */
export async function fetchDebian(
  packages: readonly DebianPackage[],
  places: DebianPlaces,
  folder: string,
  onProgress: (done: number) => void = () => {},
): Promise<string[]> {
  const files: string[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < packages.length) {
      const i = next++;
      files[i] = await fetchOne(packages[i]!, places, folder);
      onProgress(++done);
    }
  };
  await Promise.all(Array.from({ length: inParallel }, work));
  return files;
}

async function fetchOne(pinned: DebianPackage, { mirrors, snapshot }: DebianPlaces, cache: string): Promise<string> {
  const file = join(cache, "downloads", pinned.sha256);
  if (await holds(file, pinned.sha256)) return file;
  makeFolder(join(cache, "downloads"));
  const path = pinned.path.split("/").map(encodeURIComponent).join("/");
  const addresses = mirrors.map((mirror) => `${mirror}${path}`);
  if (snapshot !== undefined) addresses.push(`${snapshot.url}archive/debian/${snapshot.time}/${path}`);
  const failures: string[] = [];
  for (const address of addresses) {
    const partial = `${file}.${process.pid}.partial`;
    try {
      // Goes through the proxies that apt is set up with, and checks the hash.
      await runTool(aptHelper, ["download-file", address, partial, `SHA256:${pinned.sha256}`]);
      if (await holds(partial, pinned.sha256)) {
        await rename(partial, file);
        return file;
      }
      failures.push(`${address}: the file has another hash`);
    } catch (error) {
      failures.push(`${address}: ${reasonOf(error)}`);
    } finally {
      await rm(partial, { force: true });
    }
  }
  throw missing(pinned, failures);
}

/** What apt's helper says of a failure, in one line. */
function reasonOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const lines = said.split("\n").filter((line) => /^(E:|W:.*Failed)|404|Hash Sum|cannot be run/.test(line.trim()));
  return (lines.at(-1) ?? said).trim();
}

/** The tarballs of pinned npm packages, in their order; npm's own client gets what is not in the cache. */
export async function fetchNpm(packages: readonly NpmPackage[], folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const pinned of packages) {
    const file = join(folder, "downloads", pinned.sha256);
    files.push(file);
    if (await holds(file, pinned.sha256)) continue;
    const found = await packNpm(`${pinned.name}@${pinned.version}`, folder);
    if (found.sha256 !== pinned.sha256) {
      throw missing({ ...pinned, path: "in npm's registry" }, [`its sha256 is ${found.sha256}, not ${pinned.sha256}`]);
    }
  }
  return files;
}

/** Downloads a package of npm into the cache. @param wanted a name with a version or tag behind an `@`, or without. */
export async function packNpm(wanted: string, folder: string): Promise<NpmPackage> {
  makeFolder(join(folder, "downloads"));
  const target = await mkdtemp(join(folder, "downloads", "npm-"));
  try {
    const args = ["pack", wanted, "--json", "--silent", "--ignore-scripts", "--pack-destination", target];
    const said = JSON.parse(await runTool("npm", args, { cwd: target })) as { name: string; version: string }[];
    const [tarball] = await readdir(target);
    const sha256 = await sha256Of(join(target, tarball!));
    await rename(join(target, tarball!), join(folder, "downloads", sha256));
    return { name: said[0]!.name, version: said[0]!.version, sha256 };
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}

function missing(
  pinned: { readonly name: string; readonly version: string; readonly path: string },
  failures: readonly string[],
) {
  const { name, version, path } = pinned;
  return new AssayError(
    "guest/package-missing",
    `${name} ${version} (${path}) is nowhere with the bytes that the lock names. Name a mirror that has it in ` +
      "ASSAY_DEBIAN_MIRROR, take newer versions with --relock (another environment, with another id), or import somebody's " +
      `export: "assay env import <file>". Asked:\n${failures.join("\n")}`,
    { name, version, path },
  );
}
