import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../src/core/node/makeFolder.ts";
import { downloads, holds, sha256Of } from "./cache.ts";
import type { DebianPackage, NpmPackage } from "./lock.ts";
import { run } from "./run.ts";

const importRoute = 'import the environment instead: "assay env import <file>"';
const aptHelper = "/usr/lib/apt/apt-helper";

/** The file of a pinned Debian package, downloaded unless it is in the cache, and checked. */
export async function fetchDebian(pinned: DebianPackage): Promise<string> {
  const file = join(downloads, pinned.sha256);
  if (await holds(file, pinned.sha256)) return file;
  if (!existsSync(aptHelper)) {
    throw new Error(`${pinned.name} ${pinned.version} comes from Debian, and this host has no apt: ${importRoute}`);
  }
  makeFolder(downloads);
  const path = pinned.path.split("/").map(encodeURIComponent).join("/");
  const failures: string[] = [];
  for (const mirror of await mirrors()) {
    // Checks the hash and resumes a part that is there.
    const fetched = run(aptHelper, ["download-file", `${mirror}${path}`, `${file}.partial`, `SHA256:${pinned.sha256}`]);
    const failure = await fetched.then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (failure === undefined && (await holds(`${file}.partial`, pinned.sha256))) {
      await rename(`${file}.partial`, file);
      return file;
    }
    failures.push(failure ?? "the file has another hash");
  }
  throw new Error(
    `no mirror has ${pinned.name} ${pinned.version} (${pinned.path}) with the pinned hash: ${importRoute}, ` +
      `or name a mirror that has it in ASSAY_DEBIAN_MIRROR\n${failures.join("\n")}`,
  );
}

/** The tarball of a pinned npm package, downloaded unless it is in the cache, and checked. */
export async function fetchNpm(pinned: NpmPackage): Promise<string> {
  const file = join(downloads, pinned.sha256);
  if (await holds(file, pinned.sha256)) return file;
  const target = join(downloads, `npm-${process.pid}`);
  makeFolder(target);
  try {
    const args = ["pack", `${pinned.name}@${pinned.version}`, "--silent", "--pack-destination", target];
    const packed = join(target, (await run("npm", args, { cwd: target })).trim().split("\n").at(-1)!);
    const given = await sha256Of(packed);
    if (given !== pinned.sha256) {
      throw new Error(`${pinned.name}@${pinned.version} has sha256 ${given}, not ${pinned.sha256}: ${importRoute}`);
    }
    await rename(packed, file);
  } finally {
    await rm(target, { recursive: true, force: true });
  }
  return file;
}

let knownMirrors: readonly string[] | undefined;

/** Mirrors of Debian: the one of ASSAY_DEBIAN_MIRROR, then those that this host's apt uses. All end with a slash. */
async function mirrors(): Promise<readonly string[]> {
  if (knownMirrors === undefined) {
    const named = process.env.ASSAY_DEBIAN_MIRROR;
    const listed = await run("apt-get", ["update", "--print-uris"]);
    const used = [...listed.matchAll(/'([^']+\/)dists\//g)].map(([, base]) => base!);
    const all = [...(named ? [named.endsWith("/") ? named : `${named}/`] : []), ...used];
    knownMirrors = [...new Set(all)];
  }
  return knownMirrors;
}
