/** Packages of npm in a tree: in `/usr/lib/node_modules`, with their programs in `/usr/bin`. */

import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import { AssayError } from "../../../core/errors.ts";
import { checkValue, parseJson } from "../../../core/json.ts";
import { readContent } from "../../../erofs/entry.ts";
import type { NpmPackage } from "../lock.ts";
import type { RootTree } from "../rootTree.ts";
import { archiveEntries, putEntry } from "./archiveEntries.ts";
import type { Spool } from "./spool.ts";

const description = z.object({
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  bundleDependencies: z.union([z.array(z.string()), z.boolean()]).optional(),
  bundledDependencies: z.union([z.array(z.string()), z.boolean()]).optional(),
});

/** The packages of npm that are a binary of one platform: the name of the program that they have. */
const platformPrograms: Readonly<Record<string, string>> = { "@esbuild/linux-riscv64": "esbuild" };

/**
 * Unpacks tarballs of packages that need no others.
 * @throws AssayError `guest/bad-tree` for a package with dependencies that are not in its tarball
 */
export async function unpackNpm(
  tree: RootTree,
  packages: readonly NpmPackage[],
  files: readonly string[],
  spool: Spool,
): Promise<void> {
  for (const [i, { name }] of packages.entries()) {
    const folder = `usr/lib/node_modules/${name}`;
    for await (const entry of archiveEntries(createReadStream(files[i]!).pipe(createGunzip()))) {
      const path = entry.path.split("/").slice(1).join("/");
      if (path === "" || (entry.type !== "file" && entry.type !== "folder")) continue;
      const mode = entry.type === "folder" || (entry.mode & 0o111) !== 0 ? 0o755 : 0o644;
      await putEntry(tree, { ...entry, mode, path: `${folder}/${path}` }, spool);
    }
    await linkPrograms(tree, name, folder);
  }
}

async function linkPrograms(tree: RootTree, name: string, folder: string): Promise<void> {
  const file = tree.get(`${folder}/package.json`);
  const refuse = (why: string) =>
    new AssayError("guest/bad-tree", `the package ${name} of npm cannot be taken: ${why}`, { package: name });
  if (file?.kind !== "file") throw refuse("it has no package.json");
  const text = Buffer.from(await readContent(file.content)).toString("utf8");
  const { bin = {}, dependencies, ...rest } = checkValue(parseJson(text, refuse), description, refuse);
  const bundled = rest.bundleDependencies ?? rest.bundledDependencies ?? [];
  const lacking = Object.keys(dependencies).filter((each) => Array.isArray(bundled) && !bundled.includes(each));
  if (bundled === false || lacking.length > 0)
    throw refuse(`it needs ${lacking.join(", ")}, which it does not bring along`);
  const program = platformPrograms[name];
  const named = typeof bin === "string" ? { [name.split("/").at(-1)!]: bin } : bin;
  const programs = program === undefined ? named : { [program]: `bin/${program}` };
  for (const [command, path] of Object.entries(programs)) {
    const target = `${folder}/${path.replace(/^\.\//, "")}`;
    const entry = tree.get(target);
    if (entry?.kind !== "file") throw refuse(`its program ${command} is not in it`);
    if (!/^[A-Za-z0-9._-]+$/.test(command)) throw refuse(`a program cannot be called ${JSON.stringify(command)}`);
    tree.put(target, { ...entry, mode: 0o755 });
    tree.put(`usr/bin/${command}`, { kind: "link", target: `../../${target}` });
  }
}
