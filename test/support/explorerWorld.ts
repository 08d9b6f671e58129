import type { ServerResponse } from "node:http";
import { readLogs } from "../../src/chain/scan.ts";
import type { Root } from "../../src/core/bytes.ts";
import { chainKeyOf } from "../../src/explorer/claimRecords.ts";
import type { BuildAbout, ChainKey, IndexedChain, SearchHit } from "../../src/explorer/records.ts";
import type { ExplorerSettings } from "../../src/explorer/settings.ts";
import { ExplorerView } from "../../src/explorer/view.ts";
import { parseContentId } from "../../src/store/contentId.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import type { AgentWorld } from "./agentWorld.ts";
import type { Handler } from "./explorerPage.ts";

/** Changes an answer of the index on its way to the page: `path` is below the index's base. */
export type Bend = (path: string, answer: unknown) => unknown;

/**
 * An index in a test's hands: it answers from the world's chain, read anew for each question, and a test can take it down or have it
 * lie.
 */
export class HandheldIndex {
  isDown = false;
  /** What it knows of builds besides what is on the chain. */
  about: (buildId: Root) => BuildAbout | undefined = () => undefined;
  bend: Bend = (_, answer) => answer;
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  readonly key: ChainKey;

  constructor(private readonly world: AgentWorld) {
    this.key = chainKeyOf(world.deployment.chainId, world.deployment.assay);
  }

  settings({
    hasIndex = true,
    rpc = this.world.server.url,
  }: {
    hasIndex?: boolean;
    rpc?: string;
  } = {}): ExplorerSettings {
    const { chainId, assay, deploymentBlock, logRange } = this.world.deployment;
    return {
      version: 1,
      chains: [
        { name: "local", chainId: Number(chainId), assay, deploymentBlock, rpc: [rpc], confirmations: 0, logRange },
      ],
      stores: ["contents/"],
      attestations: ["contents/"],
      ...(hasIndex && { index: "api/v1/" }),
    };
  }

  readonly handle: Handler = async (_, response, { pathname, searchParams }) => {
    const content = /\/contents\/sha256\/([0-9a-f]{64})$/.exec(pathname)?.[1];
    if (content !== undefined) {
      const id = parseContentId(`sha256:${content}`);
      const bytes = await directoryStore(this.world.storeFolder)
        .get(id, 2 ** 26)
        .catch(() => undefined);
      response.writeHead(bytes === undefined ? 404 : 200, { "content-type": "application/octet-stream" }).end(bytes);
      return true;
    }
    const path = pathname.split("/api/v1/")[1];
    if (path === undefined) return false;
    if (this.isDown) {
      response.destroy();
      return true;
    }
    this.asked.push(path);
    const answer = this.bend(path, await this.answerTo(path, searchParams));
    if (answer === undefined) json(response, 404, { error: { code: "explorer/unknown", message: "nothing" } });
    else json(response, 200, answer);
    return true;
  };

  private async answerTo(path: string, given: URLSearchParams): Promise<unknown> {
    const { view, block, timestamp, events } = await this.read();
    const [list, , id = ""] = path.split("/") as [string, string?, `0x${string}`?];
    const state = given.get("state");
    switch (id === "" ? list : `${list}/`) {
      case "chains":
        return { items: [this.chain(block, timestamp, events, view.builds().length)] };
      case "builds":
        return { items: view.builds().filter((build) => state === null || build.state === state) };
      case "builds/":
        return view.buildDetail(id as `0x${string}`);
      case "claims/":
        return view.claimDetail(id as `0x${string}`);
      case "disputes/":
        return view.disputeDetail(id as `0x${string}`);
      case "operators":
        return { items: view.operators() };
      case "operators/":
        return view.operator(id);
      case "watch":
        return view.watch();
      case "search":
        return { items: this.search(view, given.get("q") ?? "") };
      default:
        return undefined;
    }
  }

  private search(view: ExplorerView, query: string): SearchHit[] {
    const wanted = query.replace(/^0x/, "").toLowerCase();
    return view
      .builds()
      .filter(({ buildId, outcome }) =>
        [buildId, outcome?.artifactSha256].some((hash) => hash?.slice(2).startsWith(wanted)),
      )
      .map(({ buildId, state }) => ({ kind: "build", chain: this.key, id: buildId, text: "a hash of it", state }));
  }

  private chain(block: number, timestamp: number, events: number, builds: number): IndexedChain {
    const { chainId, assay } = this.world.deployment;
    const address = assay.toLowerCase() as IndexedChain["assay"];
    return {
      key: this.key,
      name: "local",
      chainId: Number(chainId),
      assay: address,
      block,
      head: { number: block, timestamp },
      builds,
      events,
    };
  }

  private async read() {
    const { provider, parameters } = this.world.chain;
    const { assay: address, logRange: maxRange } = this.world.deployment;
    const head = (await provider.getBlock("latest"))!;
    const logs = await readLogs(provider, { address, maxRange }, 0, head.number);
    const dated = [];
    for (const log of logs) {
      dated.push({ ...log, timestamp: (await provider.getBlock(log.blockNumber))!.timestamp });
    }
    const view = ExplorerView.ofLogs({ chain: this.key, parameters, about: this.about }, dated);
    return { view, block: head.number, timestamp: head.timestamp, events: logs.length };
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
