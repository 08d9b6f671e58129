import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RootTree } from "./rootTree.ts";
import { run } from "./run.ts";
import { buildTcc } from "./tcc.ts";

/** Files of pinned packages. */
export interface SmallImagePackages {
  readonly busybox: string;
  readonly musl: string;
  readonly muslDev: string;
  readonly tcc: string;
  readonly esbuild: string;
}

const initFile = fileURLToPath(new URL("init", import.meta.url));
const ownFiles = ["init", "start.c", "tccConfig.h", "smallImage.ts", "rootTree.ts", "tcc.ts"];
const triplet = "riscv64-linux-musl";

/** What besides packages and toolchain decides the image's bytes. */
export function smallImageInputs(): Promise<string[]> {
  return Promise.all(ownFiles.map((name) => readFile(new URL(name, import.meta.url), "utf8")));
}

/** Builds the small root file system: busybox, tcc with musl, esbuild. Returns the file of the image. */
export async function buildSmallImage(packages: SmallImagePackages, work: string): Promise<string> {
  const folder = async (name: string) => {
    const path = join(work, name);
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    return path;
  };
  const unpacked = await folder("packages");
  for (const file of [packages.busybox, packages.musl, packages.muslDev]) await run("dpkg-deb", ["-x", file, unpacked]);
  await run("tar", ["-xzf", packages.esbuild, "-C", unpacked]);
  const tcc = await buildTcc(packages.tcc, await folder("compiler"));

  const tree = new RootTree(await folder("root"));
  await tree.addMountPoints();
  await tree.addFile("init", initFile, 0o755);
  for (const [path, target] of Object.entries({ bin: "usr/bin", sbin: "usr/bin", lib: "usr/lib" })) {
    await tree.addLink(path, target);
  }
  await addBusybox(tree, join(unpacked, "usr/bin/busybox"));
  await tree.addFile("usr/bin/esbuild", join(unpacked, "package/bin/esbuild"), 0o755);
  await tree.addFile("usr/bin/tcc", tcc.compiler, 0o755);
  await tree.addTree("usr/lib/tcc/include", tcc.includeFolder);
  for (const [name, file] of Object.entries(tcc.libraries)) await tree.addFile(`usr/lib/tcc/${name}`, file);
  await tree.addTree(`usr/include/${triplet}`, join(unpacked, `usr/include/${triplet}`));
  await tree.addFile(`usr/lib/${triplet}/libc.so`, join(unpacked, `usr/lib/${triplet}/libc.so`), 0o755);
  await tree.addLink("usr/lib/ld-musl-riscv64.so.1", `${triplet}/libc.so`);
  return tree.writeImage(join(work, "small.erofs"));
}

/** Busybox and a link for each of its commands that the tree has no other program for. */
export async function addBusybox(tree: RootTree, binary: string): Promise<void> {
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
