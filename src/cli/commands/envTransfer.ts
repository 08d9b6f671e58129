import { existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Command } from "commander";
import type { Root } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import { packEnvironment } from "../../guest/node/environmentArchive.ts";
import { readManifest } from "../../guest/node/environmentCache.ts";
import { importEnvironment } from "../../guest/node/importEnvironment.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { parseContentId } from "../../store/contentId.ts";
import { openStore } from "../../store/node/openStore.ts";
import { checkOutputFile, writeOutputFile } from "../../store/node/outputFile.ts";
import { readConfig } from "../config.ts";
import { hasStores, importFromStores, onFault, onUnkept, sayImported } from "../guestStores.ts";
import { type CommonOptions, parseRoot, withCommonOptions } from "../options.ts";
import { createOutput, table } from "../output.ts";
import { type ReadStoreOptions, storesToRead, withReadStores } from "../storeOptions.ts";

/** What a store is asked to keep of one environment, and to hold in memory. */
const maxStoredBytes = 2 ** 30;

interface ExportOptions extends CommonOptions {
  readonly to?: string;
  readonly store: boolean;
}

export function addEnvExport(env: Command): void {
  withCommonOptions(
    env
      .command("export")
      .argument("<name>", "environment in the cache")
      .description("write an environment, manifest and images, to one file or to the store")
      .option("--to <file>", "the file to write, for example small.tar.gz")
      .option("--store", "put it into the configured store and print its store id", false),
  )
    .addHelpText(
      "after",
      `
The file is a gzipped tar archive. Give the environment's id to others along with it, by a way that they trust.

Examples:
  assay env export small --to small.tar.gz
  assay env export c --store --json`,
    )
    .action(exportGuest);
}

async function exportGuest(name: string, options: ExportOptions): Promise<void> {
  if (options.to === undefined && !options.store) {
    throw badArgument("say where to: --to <file>, --store, or both");
  }
  const output = createOutput(options.json);
  if (options.to !== undefined) await checkOutputFile(options.to);
  const store = options.store ? openStore((await readConfig(options.config, process.env)).stores) : undefined;
  const folder = cacheFolder();
  const manifest = await readManifest(folder, name, await loadKeccakKernel());
  if (options.to !== undefined) await writeOutputFile(options.to, packEnvironment(folder, manifest));
  const storeId = await store?.put(await collect(packEnvironment(folder, manifest)));
  const written = options.to === undefined ? undefined : await stat(options.to);
  const bytes = written?.isFile() ? written.size : undefined;
  output.data({ name, id: manifest.id, file: options.to, bytes, storeId }, () =>
    table([
      ["environment", name],
      ["id", manifest.id],
      ...(options.to === undefined ? [] : [["written to", inWords(options.to, bytes)] as const]),
      ...(storeId === undefined ? [] : [["store id", storeId] as const]),
    ]),
  );
}

function inWords(file: string, bytes: number | undefined): string {
  return bytes === undefined ? file : `${file}, ${bytes} bytes`;
}

async function collect(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > maxStoredBytes)
      throw badArgument(`it takes more than ${maxStoredBytes} bytes: export it to a file (--to)`);
  }
  return Buffer.concat(chunks);
}

interface ImportOptions extends CommonOptions, ReadStoreOptions {
  readonly id?: Root;
}

export function addEnvImport(env: Command): void {
  withCommonOptions(
    withReadStores(
      env
        .command("import")
        .argument(
          "<what>",
          "a file that `assay env export` wrote, a store id (sha256:...), an environment's id (0x...) or name",
        )
        .description("take an environment that somebody else built into the cache")
        .option("--id <id>", "the environment's id that you trust; another one is refused", parseRoot),
    ),
  )
    .addHelpText(
      "after",
      `
The id is derived anew from the images; what does not follow from them is refused, and nothing of it is kept. Without --id
the id that comes out is only as good as the file: compare it with one that you trust.

By an environment's id, or the name that somebody has published it under, its images are looked for in stores; an id that you name is the
trusted one. What has come of them stays when it is interrupted, and the same command goes on with it.

Exit status: 0 it is in the cache (or was before); 5 it is another environment than it says, or than --id; 1 the file cannot
be read as one.

Examples:
  assay env import small.tar.gz --id 0x...
  assay env import 0x... --from https://store.example
  assay env import sha256:... --config assay.yaml`,
    )
    .action(importGuest);
}

async function importGuest(place: string, options: ImportOptions): Promise<void> {
  const output = createOutput(options.json);
  const progress = output.progress("import");
  const hasher = await loadKeccakKernel();
  if (/^0x[0-9a-fA-F]{64}$/.test(place))
    return await importFromStores({ id: parseRoot(place) }, hasher, options, output);
  if (isName(place) && !existsSync(place) && (await hasStores(options))) {
    return await importFromStores({ name: place }, hasher, options, output);
  }
  const opened = await openArchive(place, options);
  const decompressed = createGunzip();
  opened.on("error", (error) => decompressed.destroy(error));
  try {
    const { manifest, wasThere } = await importEnvironment(opened.pipe(decompressed), {
      folder: cacheFolder(),
      hasher,
      ...(options.id !== undefined && { trustedId: options.id }),
      onProgress: (name, bytes) => progress.update(`${name}, ${(bytes / 1e6).toFixed(0)} MB`),
    });
    progress.end();
    sayImported(output, manifest, wasThere, options.id !== undefined);
  } finally {
    progress.end();
    opened.destroy();
    decompressed.destroy();
  }
}

/** Whether a word can only be an environment's name, and is not meant as a file's. */
function isName(place: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(place) && !/\.(tar|t?gz)$/.test(place);
}

async function openArchive(place: string, options: ImportOptions): Promise<Readable> {
  if (place.startsWith("sha256:")) {
    const store = openStore(await storesToRead(options), { onFault, onUnkept });
    return Readable.from([Buffer.from(await store.get(parseContentId(place), maxStoredBytes))]);
  }
  try {
    const handle = await open(place, "r");
    if ((await handle.stat()).isFile()) return handle.createReadStream({ highWaterMark: 2 ** 18 });
    await handle.close();
  } catch (cause) {
    throw badArgument(`cannot read ${place}: name a file that "assay env export" wrote`, cause);
  }
  throw badArgument(`${place} is not a file`);
}

function badArgument(fact: string, cause?: unknown) {
  return new AssayError("cli/bad-argument", fact, {}, { cause });
}
