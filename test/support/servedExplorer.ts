import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { connect } from "../../src/chain/assay.ts";
import { defaultRpcLimits } from "../../src/chain/rpcProvider.ts";
import { serveExplorer } from "../../src/explorer/node/explorerServer.ts";
import { IndexService } from "../../src/explorer/node/indexService.ts";
import type { ChainKey } from "../../src/explorer/records.ts";
import { AgentWorld } from "./agentWorld.ts";
import { builtPage } from "./explorerPage.ts";
import { HandheldIndex } from "./explorerWorld.ts";

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A world whose chain the page's own index follows, behind the page's own server. */
export interface ServedExplorer {
  readonly world: AgentWorld;
  readonly key: ChainKey;
  readonly url: string;
  close(): Promise<void>;
}

export async function startServedExplorer(): Promise<ServedExplorer> {
  const folder = await mkdtemp(join(tmpdir(), "assay-served-"));
  const world = await AgentWorld.start();
  const handheld = new HandheldIndex(world);
  const { key } = handheld;
  const { deployment } = world;
  const limits = { ...defaultRpcLimits, pollMilliseconds: 50 };
  const index = await IndexService.start({
    file: join(folder, "index.sqlite"),
    chains: [{ key, name: "local", connect: async () => await connect(deployment, limits) }],
    log: quiet,
  });
  const server = await serveExplorer({
    ...{ host: "127.0.0.1", port: 0, index, log: quiet, folders: [world.storeFolder] },
    settings: handheld.settings(),
    page: pathToFileURL(`${await builtPage()}/`),
  });
  return {
    ...{ world, key, url: server.url },
    async close() {
      await server.close();
      await index.close();
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
