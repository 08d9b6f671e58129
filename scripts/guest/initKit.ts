import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFiles } from "../../src/core/node/packageFiles.ts";
import { writeFileAtomically } from "../../src/store/node/atomicFile.ts";
import { run } from "./run.ts";

const sources = fileURLToPath(new URL("init/", import.meta.url));
const options = ["-O2", "-static", "-s", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wl,--build-id=none"];

/** Compiles the guest's first process to where images take it from. Its bytes depend on the sources and the toolchain alone. */
export async function buildInitKit(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "assay-init-"));
  try {
    const program = join(work, "init");
    const files = (await readdir(sources)).filter((name) => name.endsWith(".c")).sort();
    await run("riscv64-linux-gnu-gcc", [...options, "-o", program, ...files], { cwd: sources });
    await writeFileAtomically(fileURLToPath(new URL("init", packageFiles.guest)), await readFile(program), 0o755);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
