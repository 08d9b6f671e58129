import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { AssayError } from "../../core/errors.ts";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import { indexPath, manifestLine } from "../../guest/environmentIndex.ts";
import { type GuestManifest, imageNames } from "../../guest/manifest.ts";
import { readImages, readManifest } from "../../guest/node/environmentCache.ts";
import { addManifest } from "../../guest/node/manifestFiles.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { upload } from "../../store/httpUpload.ts";
import { openWritten } from "../../store/node/openStore.ts";
import { readStoreToken } from "../../store/node/storeToken.ts";
import type { StoreDescription } from "../../store/storeKind.ts";
import { type CommonOptions, withCommonOptions } from "../options.ts";
import { createOutput, table } from "../output.ts";
import { storesToWrite, type WrittenStoreOptions, withWrittenStores } from "../storeOptions.ts";

export function addEnvPublish(env: Command): void {
  withCommonOptions(
    withWrittenStores(
      env
        .command("publish")
        .argument("<name>", "environment in the cache")
        .description("put an environment into the stores that are written to, where others find it by its id"),
    ),
  )
    .addHelpText(
      "after",
      `
Its images are put as contents, its manifest under its id and its name (/environments). Give the id to others by a way that they trust; they take it with
\`assay env import <id>\`.

Examples:
  assay env publish small --to file:./store
  assay env publish small --to https://store.example --token-file token
  assay env publish c --config assay.yaml --json`,
    )
    .action(publish);
}

async function publish(name: string, options: CommonOptions & WrittenStoreOptions): Promise<void> {
  const output = createOutput(options.json);
  const progress = output.progress("publish");
  const written = await storesToWrite(options);
  const folder = cacheFolder();
  const manifest = await readManifest(folder, name, await loadKeccakKernel());
  const images = await readImages(folder, manifest);
  try {
    for (const description of written) {
      const store = openWritten(description);
      for (const image of imageNames) {
        progress.update(`${image} to ${description.url}, ${(images[image].length / 1e6).toFixed(0)} MB`);
        // A copy, since what threads share cannot be sent.
        await store.put(images[image].slice());
      }
      await publishManifest(description, manifest);
    }
  } finally {
    progress.end();
  }
  const places = written.map(({ url }) => url);
  output.data({ name, id: manifest.id, stores: places }, () =>
    table([["environment", name], ["id", manifest.id], ...places.map((url) => ["published in", url] as const)]),
  );
}

async function publishManifest(description: StoreDescription, manifest: GuestManifest): Promise<void> {
  const { url } = description;
  if (url.startsWith("file:")) {
    const why = await addManifest(fileURLToPath(url), manifest);
    if (why !== undefined) throw new AssayError("store/not-taken-fault", `${url}: ${why}`, { url });
    return;
  }
  const { id, name } = manifest;
  for (const key of [id, { name }]) {
    await upload({
      method: "POST",
      url: new URL(indexPath(key), url.endsWith("/") ? url : `${url}/`),
      body: new TextEncoder().encode(manifestLine(manifest)),
      contentType: "application/json",
      token: readStoreToken(description),
    });
  }
}
