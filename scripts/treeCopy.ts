import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A copy of the checkout in a temporary folder, to be changed and tested there. */
export interface TreeCopy {
  readonly folder: string;
  /** The project's own files, relative to the folder. */
  readonly files: readonly string[];
  remove(): Promise<void>;
}

/**
 * Copies the project's files, new ones included; dependencies and WebAssembly builds are linked. The compiled package is not: tests in
 * the copy would compile its sources into the checkout's.
 *
 * @param root the checkout
 * @param made folders of made files to copy too, where they are there
 */
export async function copyTree(root: string, made: readonly string[]): Promise<TreeCopy> {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = listed.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));
  const folder = await mkdtemp(join(tmpdir(), "assay-tree-"));
  for (const file of files) await cp(join(root, file), join(folder, file));
  await mkdir(join(folder, "build"));
  const builds = (await readdir(join(root, "build")).catch(() => [])).filter((name) => name !== "package");
  for (const linked of ["node_modules", "scripts/node/node_modules", ...builds.map((name) => `build/${name}`)]) {
    await symlink(join(root, linked), join(folder, linked)).catch(() => {});
  }
  for (const copied of made) await cp(join(root, copied), join(folder, copied), { recursive: true }).catch(() => {});
  return { folder, files, remove: () => rm(folder, { recursive: true, force: true }) };
}
