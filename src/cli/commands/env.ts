import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { isAssayError } from "../../core/errors.ts";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import { type GuestManifest, type ImageName, imageNames } from "../../guest/manifest.ts";
import { readEmulator } from "../../guest/node/deriveEnvironment.ts";
import { imageFile, listEnvironments, readManifest } from "../../guest/node/environmentCache.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { createOutput, grid } from "../output.ts";
import { addEnvBuild } from "./envBuild.ts";
import { addEnvPublish } from "./envPublish.ts";
import { addEnvShell } from "./envShell.ts";
import { addEnvExport, addEnvImport } from "./envTransfer.ts";
import { addEnvVerify } from "./envVerify.ts";

/** Environments in the cache: what is there, and whether it is what it says. */
export function defineEnv(env: Command): void {
  addList(env);
  addEnvBuild(env);
  addEnvVerify(env);
  addEnvExport(env);
  addEnvImport(env);
  addEnvPublish(env);
  addEnvShell(env);
  for (const command of env.commands) command.exitOverride();
}

function addList(env: Command): void {
  env
    .command("list")
    .description("environments in the cache, and whether their images are there")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Looks at names and sizes only; \`assay env verify\` reads everything.

Examples:
  assay env list
  assay env list --json`,
    )
    .action(list);
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
    if (states.length === 0) return ["no environments: `assay env build` (Debian) or `assay env import <file>`"];
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
