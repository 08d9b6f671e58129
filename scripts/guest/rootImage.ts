/** Makes root file systems. All have init, busybox and esbuild; a `RootContents` says what else is in one. */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { buildInit, initFiles } from "./initKit.ts";
import { debianPackageOf, type Lock, npmPackageOf } from "./lock.ts";
import { fetchDebian, fetchNpm } from "./packages.ts";
import type { Recipe } from "./recipes.ts";
import { RootTree } from "./rootTree.ts";
import { run } from "./run.ts";

/** What one root file system holds besides what all have. */
export interface RootContents {
  /** Debian packages that the tree holds as they are. */
  readonly whole: readonly string[];
  /** Paths in them that are left out. */
  readonly leftOut?: readonly string[];
  /** Debian packages of which `add` takes what is wanted. */
  readonly parts?: readonly string[];
  /** Symbolic links: path -> target. */
  readonly links?: Readonly<Record<string, string>>;
  /**
   * Adds what is in no package as it is wanted.
   * @param files of the packages in `parts`, by name. @param folder makes an empty folder to work in.
   */
  readonly add?: (
    tree: RootTree,
    files: Readonly<Record<string, string>>,
    folder: (name: string) => Promise<string>,
  ) => Promise<void>;
  /** Files of this folder, besides those of every image, that decide the bytes. */
  readonly ownFiles: readonly string[];
}

const busybox = "busybox-static";
const esbuild = "@esbuild/linux-riscv64";
const commonFiles = ["rootImage.ts", "rootTree.ts"];
const commonLinks = { bin: "usr/bin", sbin: "usr/bin", lib: "usr/lib" };

/** The recipe of an image of this name. */
export function rootImage(name: string, contents: RootContents): Recipe {
  const { whole, parts = [], ownFiles } = contents;
  return {
    debian: [busybox, ...whole, ...parts],
    npm: [esbuild],
    inputs: async () =>
      Promise.all(
        [...commonFiles, ...ownFiles, ...(await initFiles())].map((file) =>
          readFile(new URL(file, import.meta.url), "utf8"),
        ),
      ),
    make: async (lock, work) => await (await treeOf(contents, lock, work)).writeImage(join(work, `${name}.erofs`)),
  };
}

async function treeOf(contents: RootContents, lock: Lock, work: string): Promise<RootTree> {
  const { whole, leftOut = [], parts = [], links = {}, add } = contents;
  const folder = async (name: string) => {
    const path = join(work, name);
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    return path;
  };
  const debian = async (name: string) => await fetchDebian(debianPackageOf(lock, name));
  const unpacked = await folder("packages");
  await unpackDebian(await debian(busybox), unpacked);
  await run("tar", ["-xzf", await fetchNpm(npmPackageOf(lock, esbuild)), "-C", unpacked]);

  const tree = new RootTree(await folder("root"));
  for (const name of whole) await unpackDebian(await debian(name), tree.folder);
  for (const path of leftOut) await rm(join(tree.folder, path), { recursive: true, force: true });
  await tree.addMountPoints();
  await tree.addFile(".assay/init", await buildInit(await folder("init")), 0o755);
  await tree.addFolder(".assay/run");
  for (const [path, target] of Object.entries({ ...commonLinks, ...links })) await tree.addLink(path, target);
  await addBusybox(tree, join(unpacked, "usr/bin/busybox"));
  await tree.addFile("usr/bin/esbuild", join(unpacked, "package/bin/esbuild"), 0o755);
  const files: Record<string, string> = {};
  for (const name of parts) files[name] = await debian(name);
  await add?.(tree, files, folder);
  return tree;
}

/** Unpacks the files of a Debian package into a folder. */
export async function unpackDebian(file: string, into: string): Promise<void> {
  await run("dpkg-deb", ["-x", file, into]);
}

/** Busybox and a link for each of its commands that the tree has no other program for. */
async function addBusybox(tree: RootTree, binary: string): Promise<void> {
  await tree.addFile("usr/bin/busybox", binary, 0o755);
  for (const command of busyboxCommands(await readFile(binary))) {
    if (!tree.has(`usr/bin/${command}`)) await tree.addLink(`usr/bin/${command}`, "busybox");
  }
}

/** The commands of a busybox binary, read from its table of names: zero-terminated, sorted, from `[` on. */
export function busyboxCommands(binary: Buffer): string[] {
  const start = binary.indexOf("[\0[[\0");
  const end = binary.indexOf("\0\0", start);
  if (start < 0 || end < 0) throw new Error("this busybox has no table of commands where one is expected");
  const commands = binary.toString("latin1", start, end).split("\0");
  if (commands.length < 100 || !commands.includes("sh") || commands.some((name) => !/^[a-z0-9_.[-]+$/.test(name))) {
    throw new Error("this busybox's table of commands cannot be read");
  }
  return commands;
}
