/** The small root file system: busybox, tcc with musl, esbuild. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { readContent } from "../../src/erofs/entry.ts";
import { unpackDebian } from "../../src/guest/images/node/debianTree.ts";
import { debianPlaces, fetchDebian, fetchNpm } from "../../src/guest/images/node/downloads.ts";
import { folderTree } from "../../src/guest/images/node/folderTree.ts";
import { unpackNpm } from "../../src/guest/images/node/npmTree.ts";
import type { Spool } from "../../src/guest/images/node/spool.ts";
import { mergeUsr } from "../../src/guest/images/node/steps.ts";
import { RootTree } from "../../src/guest/images/rootTree.ts";
import { folder } from "./cache.ts";
import { debianPackageOf, type Lock, npmPackageOf } from "./lock.ts";
import { buildTcc } from "./tcc.ts";

const unpacked = ["busybox-static", "musl", "musl-dev"];
const esbuild = "@esbuild/linux-riscv64";
/** Debian's source package is compiled, with fixes: what it has of tcc miscompiles real programs. */
const tccSource = "tcc";

/** Packages that are pinned. */
export const smallPackages = { debian: [...unpacked, tccSource], npm: [esbuild] } as const;

/** Files of this folder that decide the bytes. */
export const smallFiles = ["smallRoot.ts", "tcc.ts", "tccFixes.ts", "start.c", "runtime.c", "tccConfig.h"];

/** What is in the packages and of no use in the guest: hooks of Debian's boot, and musl's wrapper of gcc. */
const leftOut = ["usr/share", "usr/bin/musl-gcc", "etc", "usr/lib/riscv64-linux-musl/musl-gcc.specs"];

/** Makes the tree; its first process is added by who makes the image. */
export async function smallRoot(lock: Lock, spool: Spool): Promise<RootTree> {
  const packages = unpacked.map((name) => debianPackageOf(lock, name));
  const npm = [npmPackageOf(lock, esbuild)];
  const source = debianPackageOf(lock, tccSource);
  const files = await fetchDebian([...packages, source], await debianPlaces(undefined), folder);
  const tree = new RootTree();
  mergeUsr(tree);
  await unpackDebian(tree, packages, files.slice(0, -1), leftOut, spool);
  await unpackNpm(tree, npm, await fetchNpm(npm, folder), spool);
  await addTcc(tree, files.at(-1)!, spool);
  await linkBusybox(tree);
  return tree;
}

async function addTcc(tree: RootTree, source: string, spool: Spool): Promise<void> {
  const tcc = await buildTcc(source, await spool.folder("compiler"));
  await addFile(tree, "usr/bin/tcc", tcc.compiler, 0o755, spool);
  for (const [name, file] of Object.entries(tcc.libraries))
    await addFile(tree, `usr/lib/tcc/${name}`, file, 0o644, spool);
  for (const [path, entry] of (await folderTree(tcc.includeFolder, spool)).walkAll()) {
    if (entry.kind === "file") tree.put(`usr/lib/tcc/include/${path}`, { ...entry, mode: 0o644 });
  }
}

async function addFile(tree: RootTree, path: string, file: string, mode: number, spool: Spool): Promise<void> {
  const { size } = await stat(file);
  tree.put(path, { kind: "file", mode, content: await spool.keep(path, size, createReadStream(file)) });
}

/** Links each of busybox's commands to it that the tree has no other program for. */
async function linkBusybox(tree: RootTree): Promise<void> {
  const busybox = tree.resolve("usr/bin/busybox");
  if (busybox?.kind !== "file") throw new Error("busybox-static has no usr/bin/busybox");
  for (const command of busyboxCommands(Buffer.from(await readContent(busybox.content)))) {
    const path = `usr/bin/${command}`;
    if (tree.get(path) === undefined) tree.put(path, { kind: "link", target: "busybox" });
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
