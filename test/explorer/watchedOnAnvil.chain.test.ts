import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/chain/assay.ts";
import { chainKeyOf } from "../../src/explorer/claimRecords.ts";
import { type ExplorerServer, serveExplorer } from "../../src/explorer/node/explorerServer.ts";
import { IndexService } from "../../src/explorer/node/indexService.ts";
import { testTerms } from "../support/assayChain.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { builtPage } from "../support/explorerPage.ts";
import { LoopTrace } from "../support/loopTrace.ts";
import { openPage } from "../support/openPage.ts";
import { type Party, ReorganisingWorld } from "../support/reorganisingWorld.ts";
import { startTcpRelay, type TcpRelay } from "../support/tcpRelay.ts";

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const program = { ticks: 6, turns: 1 };
const limits = { timeoutMilliseconds: 5000, retries: 1, retryMilliseconds: 50, pollMilliseconds: 50 };

describe.skipIf(chromiumPath === undefined)("a dispute on anvil, watched in the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-watched-"));
  let world: ReorganisingWorld;
  let relay: TcpRelay;
  let index: IndexService;
  let server: ExplorerServer;
  let browser: Browser;
  let parties: readonly Party[];
  let key: ReturnType<typeof chainKeyOf>;
  beforeAll(async () => {
    world = await ReorganisingWorld.start(testTerms);
    const [, wrong, verifier] = world.accounts;
    parties = [
      { address: wrong!, trace: new LoopTrace(program, { tick: 2, step: 11, kind: "memory" }), role: "solver" },
      { address: verifier!, trace: new LoopTrace(program), role: "verifier" },
    ];
    relay = await startTcpRelay(world.anvil.url);
    const deployment = { ...world.chain.deployment, rpc: relay.url };
    const { assay, chainId, deploymentBlock, logRange } = deployment;
    key = chainKeyOf(chainId, assay);
    index = await IndexService.start({
      file: join(folder, "index.sqlite"),
      chains: [{ key, name: "anvil", connect: async () => await connect(deployment, limits) }],
      log: quiet,
    });
    const chain = { name: "anvil", chainId: Number(chainId), assay, deploymentBlock, confirmations: 0, logRange };
    server = await serveExplorer({
      ...{ host: "127.0.0.1", port: 0, index, log: quiet },
      settings: {
        version: 1,
        chains: [{ ...chain, rpc: [relay.url] }],
        stores: [],
        attestations: [],
        index: "api/v1/",
      },
      page: pathToFileURL(`${await builtPage()}/`),
    });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await index?.close();
    await world?.close();
    await relay?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The next thing that anybody does, in a block of its own; time passes where nobody does anything. */
  async function play(): Promise<void> {
    await world.ledger.refresh();
    const { party, call } = (await nextCall()) ?? {};
    if (party === undefined) await world.skip(200);
    else await world.send(party.address, call!);
    await world.ledger.refresh();
  }
  async function nextCall() {
    for (const party of parties) {
      const found = await world.next(party);
      if (found !== undefined) return { party, call: found.call };
    }
    return undefined;
  }
  const moves = async (page: Page, count: number) => {
    await page.locator(`ol.moves:not(:has(> :nth-child(${count + 1}))) > :nth-child(${count})`).waitFor();
  };
  const state = async (page: Page, words: string) =>
    await page.locator(".heading .state", { hasText: words }).waitFor();

  it("goes from challenge to refutation, through reorganisations and while the server is gone", async () => {
    while (world.ledger.history.challenges.size === 0) await play();
    const [challengeId] = world.ledger.history.challenges.keys();
    const { page, complaints } = await openPage(browser, `${server.url}#/dispute/${key}/${challengeId}`);
    await state(page, "open");
    await moves(page, 1);
    for (let made = 2; made <= 4; made++) {
      await play();
      await moves(page, made);
    }

    expect(await world.reorganise(2, false)).toBe(2);
    await moves(page, 2);
    await play();
    await play();
    await moves(page, 4);

    await relay.kill();
    await page.locator("footer").getByText("and not further").waitFor();
    await play();
    await state(page, "open");
    await moves(page, 4);
    await relay.restart();
    await moves(page, 5);

    const isRefuted = () => [...world.ledger.history.claims.values()].some(({ status }) => status === "refuted");
    while (!isRefuted()) await play();
    await state(page, "the claim fell");
    await page.getByText("another state").waitFor();
    await page.getByRole("status").filter({ hasText: "the claim is refuted" }).waitFor({ state: "attached" });

    await world.reorganise(1, false);
    await state(page, "open");
    expect(await page.locator(".bar-decided").count()).toBe(0);
    await play();
    await state(page, "the claim fell");
    await page.locator(".bar-decided").waitFor();
    expect(complaints).toEqual([]);
  });
});
