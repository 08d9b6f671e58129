import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AssayError } from "../core/errors.ts";
import { packageFiles } from "../core/node/packageFiles.ts";
import { type ExitStatus, exitStatus } from "./exitStatus.ts";
import { runChild } from "./runChild.ts";

/** Exit statuses of `scripts/guest/build.ts` besides 0 and 1. */
const otherBytes = 5;

export interface GuestBuildOptions {
  readonly verify: boolean;
  readonly json: boolean;
  /** Leaves out what the build says when it has come to its end. */
  readonly quiet?: boolean;
}

/**
 * Builds an environment with the checkout's script, which says what it does and what is wrong.
 * @throws AssayError `cli/refused` outside a checkout
 */
export async function runGuestBuild(name: string, options: GuestBuildOptions): Promise<ExitStatus> {
  const script = fileURLToPath(new URL("guest/build.ts", packageFiles.scripts));
  if (!existsSync(script)) {
    throw new AssayError(
      "cli/refused",
      "an environment is built in a checkout of the project, on Debian; with the installed package, import one that " +
        'somebody built: "assay guest import <file>"',
      { file: script },
    );
  }
  const args = [script, name, ...(options.verify ? ["--verify"] : []), ...(options.json ? ["--json"] : [])];
  const status = await runChild(process.execPath, ["--import", "tsx", ...args], {
    cwd: fileURLToPath(packageFiles.root),
    stdio: ["ignore", options.quiet ? "ignore" : "inherit", "inherit"],
  });
  if (status === 0) return exitStatus.ok;
  return status === otherBytes ? exitStatus.mismatch : status === 2 ? exitStatus.usage : exitStatus.failed;
}
