import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { isAssayError } from "../../core/errors.ts";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import { type GuestManifest, type ImageName, imageNames } from "../../guest/manifest.ts";
import { checkEnvironment, readEmulator } from "../../guest/node/deriveEnvironment.ts";
import { imageFile, listEnvironments, readManifest } from "../../guest/node/environmentCache.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { exitStatus } from "../exitStatus.ts";
import { runGuestBuild } from "../guestBuild.ts";
import { createOutput, grid, table } from "../output.ts";
import { addGuestPublish } from "./guestPublish.ts";
import { addGuestShell } from "./guestShell.ts";
import { addGuestExport, addGuestImport } from "./guestTransfer.ts";

/** Environments in the cache: what is there, and whether it is what it says. */
export function defineGuest(guest: Command): void {
  addList(guest);
  addBuild(guest);
  addVerify(guest);
  addGuestExport(guest);
  addGuestImport(guest);
  addGuestPublish(guest);
  addGuestShell(guest);
  for (const command of guest.commands) command.exitOverride();
}

function addList(guest: Command): void {
  guest
    .command("list")
    .description("environments in the cache, and whether their images are there")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Looks at names and sizes only; \`assay guest verify\` reads everything.

Examples:
  assay guest list
  assay guest list --json`,
    )
    .action(list);
}

function addBuild(guest: Command): void {
  guest
    .command("build")
    .argument("[name]", "small or gcc", "small")
    .description("build an environment from pinned packages (Debian, in a checkout)")
    .option("--verify", "build everything anew in another folder and compare the bytes", false)
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
What is in the cache is not built again; a build that was stopped goes on where it was. On other systems import an
environment that somebody built: \`assay guest import <file>\`.

Exit status: 0 built; 5 what came out is not what is pinned.

Examples:
  assay guest build small
  assay guest build gcc --verify`,
    )
    .action(async (name: string, options: { verify: boolean; json: boolean }) => {
      process.exitCode = await runGuestBuild(name, options);
    });
}

function addVerify(guest: Command): void {
  guest
    .command("verify")
    .argument("<name>", "environment in the cache")
    .description("hash the images of an environment and derive its id anew")
    .option("--rebuild", "build it anew from pinned packages and compare the bytes too (Debian, in a checkout)", false)
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Exit status: 0 everything is what the manifest says; 5 an image, the emulator or the id is another one; 1 something is
missing or cannot be read.

Examples:
  assay guest verify small
  assay guest verify gcc --rebuild`,
    )
    .action(verify);
}

interface ImageState {
  readonly sha256: string;
  readonly size: number;
  readonly state: "there" | "missing" | "other size";
}

async function imageState(folder: string, manifest: GuestManifest, name: ImageName): Promise<ImageState> {
  const { sha256, size } = manifest.images[name];
  const found = await stat(imageFile(folder, sha256)).catch(() => undefined);
  const state = found === undefined ? "missing" : found.size === size ? "there" : "other size";
  return { sha256, size, state };
}

async function stateOf(folder: string, name: string, hasher: Hasher) {
  try {
    const manifest = await readManifest(folder, name, hasher);
    const states = await Promise.all(imageNames.map((image) => imageState(folder, manifest, image)));
    const images = Object.fromEntries(imageNames.map((image, i) => [image, states[i]!]));
    const emulator = await isOurEmulator(manifest);
    const faults = [
      ...imageNames
        .filter((image) => images[image]!.state !== "there")
        .map((image) => `${image} ${images[image]!.state}`),
      ...(emulator ? [] : ["made with another emulator"]),
    ];
    return { name, id: manifest.id, ramSize: manifest.ramSize, images, usable: faults.length === 0, faults };
  } catch (error) {
    if (!isAssayError(error, "guest/bad-manifest", "guest/bad-layout")) throw error;
    return { name, id: null, ramSize: null, images: null, usable: false, faults: ["its manifest cannot be read"] };
  }
}

async function isOurEmulator(manifest: GuestManifest): Promise<boolean> {
  try {
    await readEmulator(manifest);
    return true;
  } catch (error) {
    if (isAssayError(error, "guest/other-environment")) return false;
    throw error;
  }
}

async function list({ json }: { readonly json: boolean }): Promise<void> {
  const output = createOutput(json);
  const folder = cacheFolder();
  const hasher = await loadKeccakKernel();
  const names = await listEnvironments(folder);
  const states = await Promise.all(names.map((name) => stateOf(folder, name, hasher)));
  output.data(states, () => {
    if (states.length === 0) return ["no environments: `assay guest build` (Debian) or `assay guest import <file>`"];
    const rows = states.map(({ name, id, ramSize, images, faults }) => [
      name,
      id ?? "",
      ramSize === null ? "" : `${ramSize / 2 ** 20} MiB`,
      ...imageNames.map((image) => (images === null ? "" : `${(images[image]!.size / 1e6).toFixed(1)} MB`)),
      faults.length === 0 ? "complete" : faults.join(", "),
    ]);
    return grid(["name", "id", "RAM", ...imageNames, "state"], rows);
  });
}

async function verify(name: string, options: { readonly rebuild: boolean; readonly json: boolean }): Promise<void> {
  const output = createOutput(options.json);
  const folder = cacheFolder();
  const hasher = await loadKeccakKernel();
  const manifest = await readManifest(folder, name, hasher);
  await checkEnvironment(folder, manifest, hasher);
  if (options.rebuild) {
    const status = await runGuestBuild(name, { verify: true, json: false, quiet: true });
    if (status !== exitStatus.ok) {
      process.exitCode = status;
      return;
    }
  }
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
