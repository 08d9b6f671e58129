import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { topicAt } from "../../attestation/board.ts";
import { topicUpload } from "../../attestation/node/topicUpload.ts";
import { AssayError } from "../../core/errors.ts";
import { environmentAt } from "../../guest/environmentIndex.ts";
import { manifestUpload } from "../../guest/node/manifestFiles.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { cidsAt } from "../../store/ipfsStore.ts";
import { folderOf } from "../../store/node/openStore.ts";
import { serveStore } from "../../store/node/storeServer.ts";
import { defaultStoreServerLimits } from "../../store/node/storeServerLimits.ts";
import { defaultUploadLimits } from "../../store/node/uploadLimits.ts";
import { readConfig } from "../config.ts";
import { type CommonOptions, parseCount, withCommonOptions } from "../options.ts";
import { createOutput, describeError, table } from "../output.ts";
import { collectStore } from "../storeCollection.ts";
import { addCar } from "./storeCar.ts";
import { addCollect, type CollectOptions, collectionOf, withCollectOptions } from "./storeCollect.ts";
import { addGrant, addRevoke } from "./storeGrants.ts";
import { addPush } from "./storePush.ts";

interface ServeOptions extends CommonOptions, CollectOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly maxBytes: number;
  readonly accept?: string;
  readonly acceptBytes: number;
  readonly totalBytes: number;
  readonly collect?: number;
}

/** The store itself, apart from builds and claims. */
export function defineStore(store: Command): void {
  addServe(store);
  addGrant(store);
  addRevoke(store);
  addCollect(store);
  addPush(store);
  addCar(store);
  for (const command of store.commands) command.exitOverride();
}

function addServe(store: Command): void {
  const { connections, connectionsPerAddress, maxBytes } = defaultStoreServerLimits;
  withCommonOptions(
    withCollectOptions(
      store
        .command("serve")
        .description(
          "serve the configured store, or a folder, by HTTP, until interrupted; who has a token may write to it",
        )
        .option("--folder <folder>", "serve this folder; no configuration is needed then")
        .option("--port <number>", "port; 0 takes a free one", port, 8470)
        .option("--host <address>", "address to listen on; 0.0.0.0 or :: for all of this machine", "127.0.0.1")
        .option("--connections <n>", "connections at once", positive, connections)
        .option("--connections-per-address <n>", "of them from one address", positive, connectionsPerAddress)
        .option("--max-bytes <n>", "larger contents are not served", positive, maxBytes)
        .option("--accept <file>", "take uploads with the tokens in this file (`assay store grant`)")
        .option("--accept-bytes <n>", "most bytes of one upload", positive, defaultUploadLimits.maxBytes)
        .option(
          "--total-bytes <n>",
          "most bytes of all uploads that are there",
          positive,
          defaultUploadLimits.totalBytes,
        )
        .option("--collect <hours>", "delete what nothing needs that often (see `assay store collect`)", positive),
    ),
  )
    .addHelpText(
      "after",
      `
Contents are at /sha256/<64 digits>, signed results at /attestations, environments at /environments, and /healthz answers 200. Nothing is
listed, and without --accept nothing can be changed. It speaks plain HTTP; readers check every byte by its hash, tokens need a reverse proxy
with TLS before it. Behind one all readers come from one address: raise --connections-per-address.

Exit status: 0 interrupted; 1 it cannot listen there.

Examples:
  assay store serve
  assay store serve --host 0.0.0.0 --port 8470 --config assay.yaml
  assay store serve --folder ./store --accept tokens.json
  assay store serve --folder ./store --port 0 --json`,
    )
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const output = createOutput(options.json);
  const store = options.folder ?? folderOf((await readConfig(options.config, process.env)).stores);
  if (store === undefined) {
    throw new AssayError("cli/bad-config", "stores: none is a folder that is written to, so there is nothing to serve");
  }
  const { host, port, connections, connectionsPerAddress, maxBytes, accept, acceptBytes, totalBytes } = options;
  const interrupted = new Promise<void>((done) => {
    process.once("SIGINT", () => done());
    process.once("SIGTERM", () => done());
  });
  const hasher = await loadKeccakKernel();
  const server = await serveStore({
    folder: store,
    host,
    port,
    fileAt: (path) => (isText(path) ? join(store, path) : undefined),
    limits: { connections, connectionsPerAddress, maxBytes },
    accept:
      accept === undefined
        ? undefined
        : {
            tokensFile: accept,
            limits: { maxBytes: acceptBytes, totalBytes },
            textAt: (path) => topicUpload(store, path) ?? manifestUpload(store, path, hasher),
            onUpload: (path, token, bytes) => output.note(`${token} has written ${path}, ${bytes} bytes`),
          },
    onCorrupt: (file) => void process.stderr.write(`assay: ${file} is not what its name says and is not served\n`),
  });
  const collecting = options.collect === undefined ? undefined : await collectOften(options, options.collect);
  try {
    output.data({ url: server.url, store }, () =>
      table([
        ["serves", store],
        ["at", server.url],
      ]),
    );
    await interrupted;
  } finally {
    clearInterval(collecting);
    await server.close();
  }
}

/** Whether there may be a file besides the contents at a path: signed results, environments, names in IPFS. */
function isText(path: string): boolean {
  return [topicAt, environmentAt, cidsAt].some((at) => at(path) !== undefined);
}

/** Collects now and every so many hours; what fails is said, and tried again the next time. */
async function collectOften(options: ServeOptions, hours: number): Promise<NodeJS.Timeout> {
  const collection = await collectionOf(options, false);
  const collect = async () => {
    try {
      const lost = (await collectStore(collection)).files.filter(({ isKept }) => !isKept);
      for (const { path, why } of lost) process.stderr.write(`assay: deleted ${path}: ${why}\n`);
    } catch (error) {
      process.stderr.write(`assay: nothing was collected: ${describeError(error)}\n`);
    }
  };
  await collect();
  return setInterval(() => void collect(), Math.min(hours * 3_600_000, 2 ** 31 - 1));
}

function port(text: string): number {
  const value = parseCount(text);
  if (value > 65_535) throw new InvalidArgumentError("expected a number below 65536");
  return value;
}

function positive(text: string): number {
  const value = parseCount(text);
  if (value < 1) throw new InvalidArgumentError("expected a number from 1 on");
  return value;
}
