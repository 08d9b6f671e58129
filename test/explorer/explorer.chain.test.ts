import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { MemoryLedgerStore } from "../../src/chain/ledgerStore.ts";
import { chainKeyOf } from "../../src/explorer/claimRecords.ts";
import type { BuildDetail, BuildSummary, DisputeDetail, Page } from "../../src/explorer/records.ts";
import type { ExplorerSettings } from "../../src/explorer/settings.ts";
import { ExplorerView } from "../../src/explorer/view.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

let world: AgentWorld;
let proxy: FaultyProxy;
let explorer: Explorer;
beforeAll(async () => {
  world = await AgentWorld.start();
  proxy = await startFaultyProxy(world.server.url);
  const config = join(world.folder, "explorer.yaml");
  await writeFile(config, `${world.configuration("explorer", proxy.url)}explorer: { name: Test }\n`);
  explorer = new Explorer(config);
});
afterAll(async () => {
  await explorer?.kill();
  await proxy?.close();
  await world?.close();
});

describe("the explorer of a living chain", () => {
  it("tells a dispute from request to finality, while its server fails and it is killed (attack 92)", async () => {
    await explorer.start();
    const key = chainKeyOf(31337, world.deployment.assay);
    const buildId = await world.request(await world.source("indexed"));
    const seen = async (state: BuildSummary["state"]) =>
      await explorer.until(`a build that is ${state}`, async () => {
        const build = await explorer.get<BuildDetail>(`api/v1/builds/${key}/${buildId}`);
        return build?.state === state ? build : undefined;
      });
    await seen("requested");
    const about = await explorer.until("what the build is of", async () => {
      const [found] = (await explorer.get<Page<BuildSummary>>("api/v1/builds?environment=releaseTarball"))!.items;
      return found?.about.environment;
    });
    expect(about.name).toBe("releaseTarball");
    await world.solver();
    await seen("open");
    await world.solver(["memory@0:1000"]);
    await seen("contradicted");
    await world.verifier();
    const random = new Random(seed);
    const dispute = await explorer.until("a dispute that is won", async () => {
      if (random.below(3) === 0) await explorer.restart();
      const build = await explorer.get<BuildDetail>(`api/v1/builds/${key}/${buildId}`);
      const won = build?.disputeList.find(({ won }) => won);
      return won && (await explorer.get<DisputeDetail>(`api/v1/disputes/${key}/${won.challengeId}`));
    });
    expect(dispute.moveList[0]).toMatchObject({ name: "ChallengeOpened", by: "challenger" });
    expect(dispute.moveList.at(-1)).toMatchObject({ name: "ClaimRefuted", by: "challenger" });
    expect(dispute.moveList.filter(({ by }) => by === "solver").length).toBeGreaterThan(0);

    // Without its server it goes on answering what it has, and says so.
    proxy.behave(() => ({ status: 503, body: "{}" }));
    await explorer.until("that the chain cannot be read", async () => (await explorer.status())?.healthy === false);
    expect((await explorer.get<BuildDetail>(`api/v1/builds/${key}/${buildId}`))?.claimList.length).toBe(2);
    await explorer.restart();
    await explorer.until("an answer of before", async () => await explorer.get(`api/v1/builds/${key}/${buildId}`));
    proxy.behave(() => "pass");
    await world.skip(100_000);
    const final = await seen("final");
    expect(final.outcome?.exitCode).toBe(0);
    expect((await explorer.status())?.healthy).toBe(true);

    // All of it is what a fresh reading of the chain says.
    const store = new MemoryLedgerStore();
    await new Ledger(world.chain, { store, withHistory: false }).refresh();
    const options = { chain: key, parameters: world.chain.parameters };
    const view = ExplorerView.ofLogs(options, await store.logs(0, final.events.at(-1)!.block));
    expect({ ...final, about: {} }).toEqual(JSON.parse(JSON.stringify(view.buildDetail(buildId))));

    const settings = (await explorer.get<ExplorerSettings>("explorer.json"))!;
    expect(settings.chains[0]).toMatchObject({ name: "Test", rpc: [proxy.url] });
    const { input } = final.about;
    const content = await fetch(new URL(`contents/sha256/${input!.id.slice(7)}`, explorer.url));
    expect((await content.arrayBuffer()).byteLength).toBe(input!.size);
    expect((await fetch(new URL("wasm/keccak.wasm", explorer.url))).headers.get("content-type")).toBe(
      "application/wasm",
    );
    expect(await explorer.stop()).toBe(0);
  });
});

/** `assay explorer` as a process. */
class Explorer {
  url = "";
  private child: ReturnType<typeof spawn> | undefined;
  private said = "";

  constructor(private readonly config: string) {}

  async start(): Promise<void> {
    const args = ["explorer", "--port", "0", "--json", "--config", this.config];
    const child = spawn(compiledCommand, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    child.stderr!.on("data", (text) => {
      this.said += String(text);
    });
    this.url = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.once("exit", (status) => reject(new Error(`it has ended with ${status}: ${this.said}`)));
      child.stdout!.on("data", (chunk) => {
        text += String(chunk);
        const found = /"url":\s*"([^"]+)"/.exec(text);
        if (found !== null) resolve(found[1]!);
      });
    });
  }

  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  async stop(): Promise<number | null> {
    return await this.end("SIGTERM");
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async status(): Promise<{ healthy: boolean } | undefined> {
    return await this.get<{ healthy: boolean }>("api/v1/status");
  }

  /** Undefined for what is not there. */
  async get<T>(path: string): Promise<T | undefined> {
    const response = await fetch(new URL(path, this.url));
    const body = (await response.json()) as T;
    if (response.status !== 200 && response.status !== 404) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return response.ok ? body : undefined;
  }

  async until<T>(what: string, find: () => Promise<T | undefined | false>): Promise<T> {
    for (const end = Date.now() + 300_000; Date.now() < end; ) {
      const found = await find();
      if (found !== undefined && found !== false) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`not seen: ${what}\n${this.said.slice(-3000)}`);
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = new Promise<number | null>((resolve) => {
      child.removeAllListeners("exit");
      child.once("exit", resolve);
    });
    child.kill(signal);
    return await ended;
  }
}
