import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFiles } from "../../src/core/node/packageFiles.ts";
import { writeFileAtomically } from "../../src/store/node/atomicFile.ts";
import { run } from "./run.ts";

const folder = fileURLToPath(new URL("init/", import.meta.url));
const options = ["-O2", "-static", "-s", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wl,--build-id=none"];

/** The sources of the guest's first process, relative to this folder. */
export async function initFiles(): Promise<string[]> {
  return (await readdir(folder)).sort().map((name) => `init/${name}`);
}

/**
 * Compiles the guest's first process. Its bytes depend on the sources and the toolchain alone.
 * @returns the program's file, in the folder given
 */
async function buildInit(work: string): Promise<string> {
  const program = join(work, "init");
  const sources = (await readdir(folder)).filter((name) => name.endsWith(".c")).sort();
  await run("riscv64-linux-gnu-gcc", [...options, "-o", program, ...sources], { cwd: folder });
  return program;
}

/** Compiles it to where the environments of Debian packages take it from. */
export async function buildInitKit(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "assay-init-"));
  try {
    const program = await readFile(await buildInit(work));
    await writeFileAtomically(fileURLToPath(new URL("init", packageFiles.guest)), program, 0o755);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
