/**
 * Python's byte code, which its packages' scripts would have made: compiled by the image's own Python under qemu, in a fixed order
 * and without a seed, into files that are never compared with their sources.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesContent, type RootTree } from "../rootTree.ts";
import { runTool } from "./tools.ts";
import { writeTree } from "./treeOnDisk.ts";

const program = `
import compileall, sys, py_compile
compileall.compile_dir(sys.argv[2], maxlevels=100, quiet=2, stripdir=sys.argv[1], prependdir="/",
                       invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
`;

/** What an interpreter needs to run: itself, its library, and the libraries that it is linked with. */
const needed = /^(usr\/bin\/python3|usr\/lib\/python3|usr\/lib\/ld-|usr\/lib\/riscv64-linux-gnu\/[^/]*\.so)|^lib$/;

/** @param work an empty folder. */
export async function compilePython(tree: RootTree, work: string): Promise<void> {
  const bin = tree.resolve("usr/bin");
  const names = bin?.kind === "folder" ? [...bin.entries.keys()] : [];
  const interpreter = names.find((name) => /^python3\.\d+$/.test(name));
  if (interpreter === undefined) return;
  await writeTree(tree, work, (path) => needed.test(path));
  const libraries = ["usr/lib/python3", `usr/lib/${interpreter}`].filter((path) => tree.resolve(path) !== undefined);
  for (const library of libraries) {
    const args = [
      "-L",
      work,
      join(work, "usr/bin", interpreter),
      "-I",
      "-S",
      "-B",
      "-c",
      program,
      work,
      join(work, library),
    ];
    await runTool("qemu-riscv64", args, { env: { PYTHONHASHSEED: "0" } });
    await takeCode(tree, work, library);
  }
}

async function takeCode(tree: RootTree, work: string, library: string): Promise<void> {
  for (const name of (await readdir(join(work, library), { recursive: true })).sort()) {
    if (!/(^|\/)__pycache__\/[^/]+\.pyc$/.test(name)) continue;
    const bytes = await readFile(join(work, library, name));
    tree.put(`${library}/${name}`, { kind: "file", mode: 0o644, content: bytesContent(bytes) });
  }
}
