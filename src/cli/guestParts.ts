/** What every environment is made with besides its root file system: the kernel, and the guest's first process. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { AssayError } from "../core/errors.ts";
import { packageFiles } from "../core/node/packageFiles.ts";
import { kernelLockFile, parseKernelLock } from "../guest/images/kernelLock.ts";
import { holds } from "../guest/images/node/downloads.ts";
import { type InitKit, readInitKit } from "../guest/images/node/initKit.ts";
import { imageFile } from "../guest/node/environmentCache.ts";
import { type ExitStatus, exitStatus } from "./exitStatus.ts";
import { runChild } from "./runChild.ts";

const partsScript = fileURLToPath(new URL("guest/build.ts", packageFiles.scripts));

/** Exit statuses of `scripts/guest/build.ts` besides 0 and 1. */
const scriptStatus: Readonly<Record<number, ExitStatus>> = { 2: exitStatus.usage, 5: exitStatus.mismatch };

export interface GuestParts {
  /** The sha256 of the kernel's image, which is in the cache. */
  readonly kernel: string;
  readonly kit: InitKit;
}

/**
 * Kernel and first process, built with the checkout's script where they are not there yet.
 * @throws AssayError `cli/refused` outside a checkout, `guest/bad-lock`
 */
export async function guestParts(folder: string): Promise<GuestParts> {
  const { sha256: kernel } = parseKernelLock(await readFile(new URL(kernelLockFile, packageFiles.locks), "utf8"));
  const isThere = await holds(imageFile(folder, `0x${kernel}`), kernel);
  if (!isThere || !existsSync(new URL("init", packageFiles.guest))) {
    const status = await runPartsScript("kernel");
    if (status !== exitStatus.ok) {
      throw new AssayError("cli/refused", "the kernel of guests could not be built: see above");
    }
  }
  return { kernel, kit: await readInitKit() };
}

/** Whether this is a checkout of the project, in which a kernel can be built. */
export function hasPartsScript(): boolean {
  return existsSync(partsScript);
}

/**
 * Builds kernel and first process with the checkout's script, which says what it does and what is wrong.
 * @throws AssayError `cli/refused` outside a checkout
 */
export async function runPartsScript(...options: readonly string[]): Promise<ExitStatus> {
  if (!hasPartsScript()) {
    throw new AssayError(
      "cli/refused",
      "the kernel of guests is not in the cache, and it is built in a checkout of the project, on Debian: import an " +
        'environment that somebody built, which brings it along: "assay env import <file>"',
      { file: partsScript },
    );
  }
  const status = await runChild(process.execPath, ["--import", "tsx", partsScript, ...options], {
    cwd: fileURLToPath(packageFiles.root),
    stdio: ["ignore", options[0] === "kernel" ? "ignore" : "inherit", "inherit"],
  });
  if (status === 0) return exitStatus.ok;
  return scriptStatus[status ?? 1] ?? exitStatus.failed;
}
