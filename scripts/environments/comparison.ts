import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { contentBytes } from "../../src/erofs/entry.ts";
import { readErofs } from "../../src/erofs/read.ts";
import { imageFile, readManifest } from "../../src/guest/node/environmentCache.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import type { Compared } from "./projects.ts";

const execute = promisify(execFile);
const emulator = "qemu-riscv64";
/** What a program needs of its environment to be loaded. */
const libraries = /^(lib|usr\/lib\/(ld-[^/]*|riscv64-linux-(gnu|musl)\/[^/]*\.so[^/]*))$/;

/** Whether this host runs programs for RISC-V. */
export async function emulates(): Promise<boolean> {
  return await execute(emulator, ["--version"]).then(
    () => true,
    () => false,
  );
}

/**
 * Builds the project with this host's own tools, and runs both programs: the guest's under an emulator that is not ours.
 * @param artifact the program that the guest has built. @param source the project's folder, where the host builds.
 * @param work a folder that is there. @returns whether the two have printed the same.
 */
export async function printsTheSame(
  { native, program, command }: Compared,
  { environment, artifact, source, work }: { environment: string; artifact: Uint8Array; source: string; work: string },
): Promise<boolean> {
  const root = join(work, "root");
  await extractLibraries(environment, root);
  const guest = join(work, basename(program));
  await writeFile(guest, artifact, { mode: 0o755 });
  const emulated = join(work, "emulated");
  await writeFile(emulated, `#!/bin/sh\nexec ${emulator} -L '${root}' '${guest}' "$@"\n`);
  await chmod(emulated, 0o755);
  const options = { cwd: source, maxBuffer: 2 ** 26, encoding: "buffer" } as const;
  await execute("sh", ["-ec", native], options);
  const print = async (path: string) => {
    const env = { ...process.env, PROGRAM: path };
    return (await execute("sh", ["-ec", command], { ...options, env })).stdout;
  };
  const [ours, theirs] = [await print(emulated), await print(join(source, program))];
  if (theirs.length === 0) throw new Error(`${command} prints nothing: there is nothing to compare`);
  return ours.equals(theirs);
}

/** Writes the shared libraries of an environment's root file system. */
async function extractLibraries(environment: string, folder: string): Promise<void> {
  const cache = cacheFolder();
  const { images } = await readManifest(cache, environment, await loadKeccakKernel());
  const { entries } = readErofs(new Uint8Array(await readFile(imageFile(cache, images.root.sha256))));
  await mkdir(folder, { recursive: true });
  for (const entry of entries) {
    if (typeof entry.path !== "string" || !libraries.test(entry.path)) continue;
    const file = join(folder, entry.path);
    await mkdir(dirname(file), { recursive: true });
    if (entry.kind === "file") await writeFile(file, contentBytes(entry.content), { mode: 0o755 });
    else if (entry.kind === "symlink") await symlink(Buffer.from(entry.target), file);
    else if (entry.kind === "hardLink")
      throw new Error(`${entry.path} is a hard link: its file would have to be found first`);
  }
}
