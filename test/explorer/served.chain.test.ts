import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/chain/assay.ts";
import { defaultRpcLimits } from "../../src/chain/rpcProvider.ts";
import { type ExplorerServer, serveExplorer } from "../../src/explorer/node/explorerServer.ts";
import { IndexService } from "../../src/explorer/node/indexService.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { builtPage } from "../support/explorerPage.ts";
import { HandheldIndex } from "../support/explorerWorld.ts";
import { axeFaults, openPage } from "../support/openPage.ts";

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe.skipIf(chromiumPath === undefined)("the page on its own server and index", () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-served-"));
  let world: AgentWorld;
  let index: IndexService;
  let server: ExplorerServer;
  let browser: Browser;
  let key: HandheldIndex["key"];
  beforeAll(async () => {
    world = await AgentWorld.start();
    const handheld = new HandheldIndex(world);
    key = handheld.key;
    const { deployment } = world;
    const limits = { ...defaultRpcLimits, pollMilliseconds: 50 };
    index = await IndexService.start({
      file: join(folder, "index.sqlite"),
      chains: [{ key, name: "local", connect: async () => await connect(deployment, limits) }],
      log: quiet,
    });
    server = await serveExplorer({
      ...{ host: "127.0.0.1", port: 0, index, log: quiet, folders: [world.storeFolder] },
      settings: handheld.settings(),
      page: pathToFileURL(`${await builtPage()}/`),
    });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await index?.close();
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("shows a build from its request to its result, while one looks", async () => {
    const { page, complaints } = await openPage(browser, server.url);
    await page.getByText("No build is like that.").waitFor();
    const buildId = await world.request(await world.source("served"));
    await page.locator(".row .state-requested").waitFor();
    const lying = await world.solver(["memory@1:100"]);
    await page.locator(".row .state-open").waitFor();
    await world.verifier();
    await page.locator(".row .state-refuted").waitFor();
    await lying.stop();
    await world.solver();
    await page.locator(".row .state-open").waitFor();
    await world.skip(4000);
    await page.locator(".row .state-proven").waitFor();

    await page.getByRole("searchbox").fill(buildId.slice(0, 20));
    await page.locator(".hits a").first().click();
    await page.getByText(/^read from the contract at block/).waitFor();
    await page.getByRole("button", { name: "Where do they part?" }).click();
    await page.getByText("the same up to tick 1, and differ at tick 2.").waitFor();
    await page.getByRole("link", { name: /^Dispute of/ }).click();
    await page.getByText("another state").waitFor();
    await page.getByRole("link", { name: "Operators" }).click();
    await page.getByRole("table").getByRole("row").nth(3).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
