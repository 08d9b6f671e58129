import type { Command } from "commander";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import type { GuestManifest } from "../../guest/manifest.ts";
import { imageNames } from "../../guest/manifest.ts";
import { createOutput, table } from "../output.ts";

interface VerifyOptions {
  readonly rebuild: boolean;
  readonly from?: string;
  readonly lock?: string;
  readonly json: boolean;
}

export function addEnvVerify(env: Command): void {
  env
    .command("verify")
    .argument("<name>", "environment in the cache")
    .description("hash the images of an environment and derive its id anew")
    .option("--rebuild", "make the images anew from what their lock pins and compare the bytes too (Debian)", false)
    .option(
      "--from <origin>",
      "with --rebuild: where the files are of an environment that is not made of Debian packages",
    )
    .option("--lock <file>", "with --rebuild: the lock (default: the one that comes with Assay, else <name>.lock.json)")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Rebuilding makes the root file system anew and, in a checkout of the project, the kernel (minutes).

Exit status: 0 everything is what the manifest says; 5 an image, the emulator or the id is another one; 1 something is
missing or cannot be read.

Examples:
  assay env verify small
  assay env verify c --rebuild`,
    )
    .action(verify);
}

async function verify(name: string, options: VerifyOptions): Promise<void> {
  const output = createOutput(options.json);
  const { checkEnvironment } = await import("../../guest/node/deriveEnvironment.ts");
  const { readManifest } = await import("../../guest/node/environmentCache.ts");
  const { loadKeccakKernel } = await import("../../merkle/node/keccakKernelNode.ts");
  const folder = cacheFolder();
  const hasher = await loadKeccakKernel();
  const manifest = await readManifest(folder, name, hasher);
  await checkEnvironment(folder, manifest, hasher);
  if (options.rebuild && !(await rebuild(manifest, options, folder))) return;
  const { id, images } = manifest;
  output.data({ name, id, images, rebuilt: options.rebuild }, () =>
    table([
      ["environment", name],
      ["id", `${id}, as derived from the emulator and the images`],
      ...imageNames.map((image) => [image, `${images[image].sha256}, ${images[image].size} bytes`] as const),
      ...(options.rebuild ? [["rebuilt", "the same bytes"] as const] : []),
    ]),
  );
}

/** Makes images anew; false, with the exit status set, when the script that makes the kernel says that it is another one. */
async function rebuild(manifest: GuestManifest, options: VerifyOptions, folder: string): Promise<boolean> {
  const { name, images } = manifest;
  const { lockFileOf, readLockFile } = await import("../environmentLocks.ts");
  const { guestParts, hasPartsScript, runPartsScript } = await import("../guestParts.ts");
  const file = lockFileOf(name, options.lock);
  const lock = await readLockFile(file);
  if (lock !== undefined) {
    const { buildRoot, checkRoot } = await import("../../guest/images/node/buildEnvironment.ts");
    const { parsePlace, treeMakerOf } = await import("../environmentTree.ts");
    const place = options.from === undefined ? undefined : parsePlace(options.from);
    const { kit } = await guestParts(folder);
    const makeTree = await treeMakerOf(lock, place, folder);
    const progress = createOutput(options.json).progress(name);
    try {
      const root = await buildRoot(makeTree, { folder, kit, say: (text) => progress.update(text), keep: false });
      checkRoot({ ...lock, root: images.root.sha256.slice(2) }, root);
    } finally {
      progress.end();
    }
  }
  if (!hasPartsScript()) return true;
  const status = await runPartsScript(lock === undefined ? name : "kernel", "--verify");
  if (status !== 0) process.exitCode = status;
  return status === 0;
}
