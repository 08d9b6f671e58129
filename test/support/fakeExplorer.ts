import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssayChain } from "../../src/chain/assay.ts";
import { AssayError } from "../../src/core/errors.ts";
import { chainKeyOf } from "../../src/explorer/claimRecords.ts";
import { Enrichment, type EnrichmentOptions } from "../../src/explorer/node/enrichment.ts";
import type { ExplorerLog } from "../../src/explorer/node/explorerLog.ts";
import {
  type ExplorerServer,
  type ExplorerServerOptions,
  serveExplorer,
} from "../../src/explorer/node/explorerServer.ts";
import { IndexService } from "../../src/explorer/node/indexService.ts";
import type { ExplorerSettings } from "../../src/explorer/settings.ts";
import { FakeChainServer, type FakeLog, requestLog } from "./fakeChainServer.ts";
import { gameParameters } from "./game/gameParameters.ts";

/** That of the model's contract: ids of claims are made from it. */
const contract = `0x${"aa".repeat(20)}`;
export const fakeKey = chainKeyOf(31337, contract);
/** The log of a request for a build with this number. */
export const requestOf = (build: number, locator?: string) => requestLog(build, contract, locator);
type Sources = Pick<EnrichmentOptions, "store" | "boards">;
const settings: ExplorerSettings = { version: 1, chains: [], stores: [], attestations: [], index: "api/v1" };

/** An explorer of a fake chain: index and server are real. */
export class FakeExplorer {
  readonly chain = new FakeChainServer();
  readonly said: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "assay-explorer-"));
  readonly file = join(this.folder, "index.sqlite");
  /** Where it reads what builds are of, if it does. */
  private sources: Sources | undefined;
  index!: IndexService;
  server!: ExplorerServer;

  static async start(
    blocks: readonly (readonly FakeLog[])[],
    options: Partial<ExplorerServerOptions> = {},
    sources?: Sources,
  ) {
    const explorer = new FakeExplorer();
    for (const logs of blocks) explorer.chain.mine(logs);
    explorer.sources = sources;
    await explorer.open(options);
    return explorer;
  }

  /** Of an index that is there already, whose chain cannot be reached. */
  static async over(file: string, options: Partial<ExplorerServerOptions> = {}): Promise<FakeExplorer> {
    const explorer = new FakeExplorer();
    const log = explorer.log();
    const connect = async () => {
      throw new AssayError("chain/rpc-fault", "no chain", { method: "" });
    };
    explorer.index = await IndexService.start({ file, chains: [{ key: fakeKey, name: "fake", connect }], log });
    const { index } = explorer;
    explorer.server = await serveExplorer({ host: "127.0.0.1", port: 0, settings, index, log, ...options });
    return explorer;
  }

  async open(options: Partial<ExplorerServerOptions> = {}): Promise<void> {
    const log = this.log();
    const provider = Object.assign(this.chain, { limits: { pollMilliseconds: 20 } });
    const deployment = { ...this.chain.asChain().deployment, assay: contract };
    const connect = async () =>
      ({ deployment, provider, parameters: gameParameters, close: () => {} }) as unknown as AssayChain;
    const chains = [{ key: fakeKey, name: "fake", connect }];
    this.index = await IndexService.start({ file: this.file, chains, log }, (database, service) => {
      return this.sources && new Enrichment(database, service, { ...this.sources, log });
    });
    this.server = await serveExplorer({ host: "127.0.0.1", port: 0, settings, index: this.index, log, ...options });
    await this.until(() => this.indexed >= this.chain.head.number);
  }

  /** The last block in the index. */
  get indexed(): number {
    return this.index.chains()[0]!.block;
  }

  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let i = 0; i < 2000; i++) {
      if (await holds()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`not seen: ${holds}; ${this.said.join("; ")}`);
  }

  /** Asks the server for a path. */
  async get(path: string, init?: RequestInit): Promise<Response> {
    return await fetch(new URL(path, this.server.url), init);
  }

  async shut(): Promise<void> {
    await this.server.close();
    await this.index.close();
  }

  async close(): Promise<void> {
    await this.shut();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private log(): ExplorerLog {
    const say = (facts: object, message: string) => void this.said.push(`${message} ${JSON.stringify(facts)}`);
    return { debug: () => {}, info: say, warn: say, error: say };
  }
}

/** Logs as blocks of a fake server, one block for each that has some. */
export function fakeBlocks(logs: readonly (FakeLog & { readonly blockNumber: number })[]): FakeLog[][] {
  const blocks = new Map<number, FakeLog[]>();
  for (const { blockNumber, topics, data } of logs) {
    blocks.set(blockNumber, [...(blocks.get(blockNumber) ?? []), { address: contract, topics, data }]);
  }
  return [...blocks.values()];
}
