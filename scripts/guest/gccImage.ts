import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RootTree } from "./rootTree.ts";
import { run } from "./run.ts";
import { addBusybox } from "./smallImage.ts";

/** Debian packages of the gcc image besides busybox: gcc, binutils, make, the C library's headers, and what they need. */
export const gccPackages = [
  ...["gcc", "gcc-riscv64-linux-gnu", "gcc-14", "gcc-14-riscv64-linux-gnu", "libgcc-14-dev", "libgcc-s1", "libatomic1"],
  ...["cpp", "cpp-riscv64-linux-gnu", "cpp-14", "cpp-14-riscv64-linux-gnu", "libgomp1", "libstdc++6"],
  ...["binutils", "binutils-common", "binutils-riscv64-linux-gnu", "libbinutils", "libctf0", "libctf-nobfd0"],
  ...["libsframe1", "libjansson4", "libgmp10", "libmpfr6", "libmpc3", "libisl23", "libzstd1", "zlib1g"],
  ...["libc6", "libc6-dev", "linux-libc-dev", "make"],
];

/** Files of pinned packages. */
export interface GccImagePackages {
  readonly debian: readonly string[];
  readonly busybox: string;
  readonly esbuild: string;
}

const initFile = fileURLToPath(new URL("init", import.meta.url));
const ownFiles = ["init", "gccImage.ts", "smallImage.ts", "rootTree.ts"];
/** What nobody reads in the guest, and half of the image: link-time optimisation and sanitizers. */
const leftOut = [
  ...["doc", "man", "locale", "info", "lintian", "gdb", "bug"].map((name) => `usr/share/${name}`),
  ...["asan", "hwasan", "tsan", "lsan", "ubsan"].map((name) => `usr/lib/gcc/riscv64-linux-gnu/14/lib${name}.a`),
  ...["usr/libexec/gcc/riscv64-linux-gnu/14/lto1", "usr/bin/lto-dump-14", "usr/bin/riscv64-linux-gnu-lto-dump-14"],
];

/** What besides packages and toolchain decides the image's bytes. */
export function gccImageInputs(): Promise<string[]> {
  return Promise.all(ownFiles.map((name) => readFile(new URL(name, import.meta.url), "utf8")));
}

/** Builds the gcc root file system: gcc with glibc, binutils, make, busybox, esbuild. Returns the file of the image. */
export async function buildGccImage(packages: GccImagePackages, work: string): Promise<string> {
  const folder = async (name: string) => {
    const path = join(work, name);
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    return path;
  };
  const unpacked = await folder("packages");
  await run("dpkg-deb", ["-x", packages.busybox, unpacked]);
  await run("tar", ["-xzf", packages.esbuild, "-C", unpacked]);

  const tree = new RootTree(await folder("root"));
  for (const file of packages.debian) await run("dpkg-deb", ["-x", file, tree.folder]);
  for (const path of leftOut) await rm(join(tree.folder, path), { recursive: true, force: true });
  await tree.addMountPoints();
  await tree.addFile("init", initFile, 0o755);
  for (const [path, target] of Object.entries({ bin: "usr/bin", sbin: "usr/bin", lib: "usr/lib" })) {
    await tree.addLink(path, target);
  }
  await tree.addLink("usr/bin/cc", "gcc");
  await addBusybox(tree, join(unpacked, "usr/bin/busybox"));
  await tree.addFile("usr/bin/esbuild", join(unpacked, "package/bin/esbuild"), 0o755);
  return tree.writeImage(join(work, "gcc.erofs"));
}
