/** Debian packages as a tree: what `dpkg` would unpack, without the scripts of their maintainers. */
import { AssayError } from "../../../core/errors.ts";
import { readContent } from "../../../erofs/entry.ts";
import type { DebianPackage } from "../lock.ts";
import type { RootTree, TreeEntry } from "../rootTree.ts";
import { type ArchiveEntry, archiveEntries, putEntry } from "./archiveEntries.ts";
import type { Spool } from "./spool.ts";
import { readTool, runTool } from "./tools.ts";

/** Documentation, which nobody reads in a guest, and is a fifth of most packages. */
const documentation = ["doc", "doc-base", "man", "locale", "info", "lintian", "gdb", "bug", "help", "gtk-doc"];

/** What packages leave where they put something: the packages' names, by path of the tree. */
interface Owners {
  readonly paths: Map<string, string>;
  readonly replaces: Map<string, string>;
}

/**
 * Unpacks packages in their order into a tree.
 * @param files of the packages. @param leftOut paths that are left out besides documentation.
 * @returns the packages' control fields, in their order
 * @throws AssayError `guest/bad-tree` naming two packages that have different files at one path
 */
export async function unpackDebian(
  tree: RootTree,
  packages: readonly DebianPackage[],
  files: readonly string[],
  leftOut: readonly string[],
  spool: Spool,
  onProgress: (done: number) => void = () => {},
): Promise<string[]> {
  const owners: Owners = { paths: new Map(), replaces: new Map() };
  const without = [...documentation.map((name) => `usr/share/${name}`), ...leftOut];
  const isLeftOut = (path: string) => without.some((each) => path === each || path.startsWith(`${each}/`));
  const controls: string[] = [];
  for (const [i, { name }] of packages.entries()) {
    const control = await runTool("dpkg-deb", ["-f", files[i]!]);
    controls.push(control);
    owners.replaces.set(name, /^Replaces: (.*)$/m.exec(control)?.[1] ?? "");
    await readTool("dpkg-deb", ["--fsys-tarfile", files[i]!], {}, async (archive) => {
      for await (const entry of archiveEntries(archive)) {
        const path = entry.path.replace(/^(\.?\/)+/, "").replace(/\/$/, "");
        if (path === "" || path === "." || isLeftOut(path)) continue;
        await unpackEntry(tree, { ...entry, path }, name, owners, spool);
      }
    });
    onProgress(i + 1);
  }
  return controls;
}

async function unpackEntry(tree: RootTree, entry: ArchiveEntry, name: string, owners: Owners, spool: Spool) {
  const { path } = entry;
  const present = tree.get(path);
  // The first package that has a folder decides its mode, as with dpkg; a link that leads to a folder stays.
  if (entry.type === "folder") {
    if (present === undefined || tree.resolve(path)?.kind !== "folder") tree.putFolder(path, entry.mode);
    return;
  }
  const owner = owners.paths.get(path);
  if (present !== undefined && owner !== undefined) {
    if (replaces(owners, owner, name)) return;
    if (!replaces(owners, name, owner)) {
      if (await isSame(present, entry, spool)) return;
      throw new AssayError(
        "guest/bad-tree",
        `the packages ${owner} and ${name} have different files at ${JSON.stringify(path)}, and neither says that it ` +
          "replaces the other's: choose one of them",
        { path, package: owner, other: name },
      );
    }
  }
  owners.paths.set(path, name);
  await putEntry(tree, entry, spool);
}

/** Whether a package says that it replaces files of another one. */
function replaces({ replaces: fields }: Owners, name: string, other: string): boolean {
  const replaced = (fields.get(name) ?? "").split(",").map((each) => each.trim().split(/[ (:]/)[0]);
  return replaced.includes(other);
}

async function isSame(present: TreeEntry, entry: ArchiveEntry, spool: Spool): Promise<boolean> {
  if (present.kind === "link") return entry.type === "symbolic link" && entry.target === present.target;
  if (present.kind !== "file" || entry.type !== "file") return false;
  if (present.mode !== entry.mode || present.content.size !== entry.size) return false;
  const other = await spool.keep(entry.path, entry.size, entry.stream);
  return Buffer.compare(await readContent(present.content), await readContent(other)) === 0;
}
