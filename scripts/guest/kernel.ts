import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LoneRunner, runnerIn } from "./loneRunner.ts";

const configFile = fileURLToPath(new URL("kernel.config", import.meta.url));

/** Everything the kernel would otherwise take from the host's clock, user and name. */
const fixed = [
  ...["KBUILD_BUILD_TIMESTAMP=1970-01-01 00:00:00 +0000", "KBUILD_BUILD_USER=b", "KBUILD_BUILD_HOST=b"],
  ...["KBUILD_BUILD_VERSION=1", "LOCALVERSION=", "ARCH=riscv", "CROSS_COMPILE=riscv64-linux-gnu-"],
];

/** What besides the source and the toolchain decides the kernel's bytes. */
export async function kernelInputs(): Promise<string[]> {
  return [await readFile(configFile, "utf8"), ...fixed];
}

/**
 * Builds the kernel from Debian's source package, with nothing configured but `kernel.config`.
 * @param work kept by the caller if this fails: a second call goes on where the first one stopped, once all programs that the
 * first one started have ended: those of a process that was killed live on for a while.
 * @returns the file of the kernel's image
 */
export async function buildKernel(sourcePackage: string, work: string): Promise<string> {
  const alone = runnerIn(work);
  await alone("true", []);
  const source = await unpack(sourcePackage, work, alone);
  const make = (...goals: string[]) => alone("make", [...fixed, ...goals], source);
  if (!existsSync(join(source, ".config-is-complete"))) {
    await make("allnoconfig");
    const nothing = await readFile(join(source, ".config"), "utf8");
    await writeFile(join(source, ".config"), nothing + (await readFile(configFile, "utf8")));
    await make("olddefconfig");
    await writeFile(join(source, ".config-is-complete"), "");
  }
  await make(`-j${availableParallelism()}`, "Image");
  return join(source, "arch/riscv/boot/Image");
}

/** The folder of the unpacked source. */
async function unpack(sourcePackage: string, work: string, alone: LoneRunner): Promise<string> {
  const target = join(work, "source");
  const complete = join(work, "source-is-complete");
  if (existsSync(complete)) return target;
  const content = join(work, "package");
  for (const folder of [target, content]) await rm(folder, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await alone("dpkg-deb", ["-x", sourcePackage, content]);
  const archive = (await alone("find", [content, "-name", "linux-source-*.tar.xz"])).trim();
  await alone("tar", ["-xf", archive, "--strip-components=1"], target);
  await rm(content, { recursive: true });
  await writeFile(complete, "");
  return target;
}
