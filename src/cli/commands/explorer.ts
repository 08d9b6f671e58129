import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { takeLock } from "../../agents/lockFile.ts";
import { createLog, type Log } from "../../agents/log.ts";
import { logOutput } from "../../agents/logOutput.ts";
import { signalOfProcess } from "../../agents/loop.ts";
import { openAttestations } from "../../attestation/node/openAttestations.ts";
import { AssayError } from "../../core/errors.ts";
import { chainKeyOf } from "../../explorer/claimRecords.ts";
import { Enrichment } from "../../explorer/node/enrichment.ts";
import { serveExplorer } from "../../explorer/node/explorerServer.ts";
import { IndexService } from "../../explorer/node/indexService.ts";
import { layeredStore } from "../../store/layeredStore.ts";
import { openRead } from "../../store/node/openStore.ts";
import { type Config, readConfig } from "../config.ts";
import { explorerSettings, foldersOf, isLoopback, nameOf } from "../explorerSettings.ts";
import { openInBrowser } from "../openInBrowser.ts";
import { type CommonOptions, parseCount, withCommonOptions } from "../options.ts";
import { createOutput, table } from "../output.ts";
import { connectTo } from "../session.ts";

interface Options extends CommonOptions {
  readonly host?: string;
  readonly port?: number;
  readonly open: boolean;
  readonly index: boolean;
  readonly logLevel: string;
}

export function defineExplorer(command: Command): void {
  command
    .option("--host <address>", "address to listen on (default: explorer.host); 0.0.0.0 or :: for all of this machine")
    .option("--port <number>", "port (default: explorer.port); 0 takes a free one", parseCount)
    .option("--open", "open the page in a browser", false)
    .option("--no-index", "serve the page alone: it reads one build or claim at a time, from the chain")
    .option("--log-level <level>", "debug, info, warn or error", "info");
  withCommonOptions(command)
    .addHelpText(
      "after",
      `
It needs no key and sends nothing. The index is in the folder \`explorer\` of the state directory; it can be deleted, and is made again
from the chain. docs/explorer.md says how to host it, and what is told to everybody. The log goes to stderr.

Exit status: 0 interrupted; 1 it cannot listen there, or a chain or contract is not what the configuration says.

Examples:
  assay explorer --open
  assay explorer --host 0.0.0.0 --port 8480 --config assay.yaml
  assay explorer --no-index --port 0 --json`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const output = createOutput(options.json);
  const log = createLog("explorer", options.logLevel, logOutput(process.stderr));
  const first = await readConfig(options.config, process.env);
  const configs = [first];
  for (const file of first.explorer.chains) configs.push(await readConfig(file, {}));
  const host = options.host ?? first.explorer.host;
  const port = options.port ?? first.explorer.port;
  if (port > 65_535) throw new AssayError("cli/bad-argument", "--port: expected a number below 65536");
  const signal = signalOfProcess(log);
  const closing: (() => Promise<void> | void)[] = [];
  try {
    let enrichment: Enrichment | undefined;
    let index: IndexService | undefined;
    if (options.index) {
      const folder = join(first.state, "explorer");
      const lock = takeLock(folder);
      closing.push(() => lock.release());
      index = await openIndexService(configs, join(folder, "index.sqlite"), log, signal, (work) => {
        enrichment = work;
      });
      const opened = index;
      closing.push(async () => await opened.close());
    }
    const isLocal = host === "localhost" || isLoopback(`http://${host.includes(":") ? `[${host}]` : host}/`);
    const server = await serveExplorer({
      ...{ host, port, log, index, folders: foldersOf(configs) },
      settings: explorerSettings(configs, options.index, isLocal),
      waiting: () => enrichment?.waiting ?? 0,
    });
    closing.push(async () => await server.close());
    const chains = configs.map((config) => ({ name: nameOf(config), chainId: config.chainId, assay: config.assay }));
    output.data({ url: server.url, index: options.index, chains }, () =>
      table([
        ["page", server.url],
        ["index", options.index ? `${server.url}api/v1/openapi.json` : "none: the page reads from the chain"],
        ...chains.map(({ name, assay }): [string, string] => [name, assay]),
      ]),
    );
    if (options.open && !(await openInBrowser(server.url)))
      output.note(`no browser could be opened: go to ${server.url}`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve());
    });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function openIndexService(
  configs: readonly Config[],
  file: string,
  log: Log,
  signal: AbortSignal,
  onWork: (work: Enrichment) => void,
): Promise<IndexService> {
  const store = layeredStore(
    [],
    configs.flatMap(({ stores }) => stores.map((description) => openRead(description, { signal }))),
  );
  const boards = [
    ...foldersOf(configs).map((folder) => pathToFileURL(folder).href),
    ...configs.flatMap(({ explorer }) => explorer.boards),
  ];
  const chains = configs.map((config) => ({
    key: chainKeyOf(config.chainId, config.assay),
    name: nameOf(config),
    connect: async () => await connectTo(config),
  }));
  return await IndexService.start({ file, chains, log }, (database, service) => {
    const options = { store, boards: [...new Set(boards)].map(openAttestations), log };
    const work = new Enrichment(database, service, options);
    onWork(work);
    return work;
  });
}
