import { readdir, readFile } from "node:fs/promises";
import { AssayError } from "../../../core/errors.ts";
import { packageFiles } from "../../../core/node/packageFiles.ts";
import { readContent } from "../../../erofs/entry.ts";
import { badTree, bytesContent, type RootTree } from "../rootTree.ts";

/** Folders in `/.assay` that the guest's first process mounts something on, and those that a root has to have for it. */
const mountPoints = [".assay/run", "dev", "proc", "sys", "run", "tmp", "w", "root"];

/** The guest's first process and what it needs, by their names in `/.assay`. */
export type InitKit = ReadonlyMap<string, Uint8Array>;

/**
 * The first process that comes with Assay.
 * @throws AssayError `guest/image-missing` where it has not been built
 */
export async function readInitKit(folder: URL = packageFiles.guest): Promise<InitKit> {
  const names = await readdir(folder).catch(() => [] as string[]);
  if (!names.includes("init")) {
    throw new AssayError(
      "guest/image-missing",
      'the first process of guests is not there: build it with "npm run guest"',
      { name: "init", file: new URL("init", folder).href },
    );
  }
  return new Map(
    await Promise.all(names.sort().map(async (name) => [name, await readFile(new URL(name, folder))] as const)),
  );
}

/**
 * Gives a tree what every guest's root has: the first process and the folders that it mounts things on.
 * @throws AssayError `guest/bad-tree` for a tree without a shell for riscv64
 * @param variables lines `NAME=value` that every command finds, from the environment itself.
 */
export async function addInit(tree: RootTree, kit: InitKit, variables: string): Promise<void> {
  for (const path of mountPoints) {
    const present = tree.resolve(path);
    if (present?.kind !== "folder") {
      tree.remove(path);
      tree.putFolder(path, path === "tmp" ? 0o1777 : 0o755);
    }
  }
  await checkShell(tree);
  for (const [name, bytes] of kit) {
    tree.put(`.assay/${name}`, { kind: "file", mode: 0o755, content: bytesContent(bytes) });
  }
  if (variables !== "") {
    const content = bytesContent(Buffer.from(variables, "latin1"));
    tree.put(".assay/environment", { kind: "file", mode: 0o644, content });
  }
}

/** A build is a command of a shell, and the guest a RISC-V machine: whether there is one is looked at before anything boots. */
async function checkShell(tree: RootTree): Promise<void> {
  const shell = tree.resolve("bin/sh");
  if (shell?.kind !== "file" || (shell.mode & 0o111) === 0)
    throw badTree("bin/sh", "is not a program: builds need a shell there");
  const header = Buffer.from(await readContent(shell.content)).subarray(0, 20);
  const isElf = header.length === 20 && header.readUInt32BE(0) === 0x7f45_4c46;
  const [elf64, riscv] = [2, 243];
  if (!isElf || header[4] !== elf64 || header.readUInt16LE(18) !== riscv) {
    throw badTree("bin/sh", "is not a program for riscv64: the files are for another machine");
  }
}
