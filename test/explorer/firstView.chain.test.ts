import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildSummary, ChainKey } from "../../src/explorer/records.ts";
import type { ExplorerSettings } from "../../src/explorer/settings.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { builtPage, type Handler, type PageServer, servePage } from "../support/explorerPage.ts";
import { firstViewOf } from "../support/firstView.ts";
import { openPage } from "../support/openPage.ts";

const assay = `0x${"ab".repeat(20)}` as const;
const key: ChainKey = `31337-${assay}`;
const settings: ExplorerSettings = {
  version: 1,
  chains: [
    { name: "local", chainId: 31337, assay, deploymentBlock: 0, rpc: ["rpc/"], confirmations: 0, logRange: 1000 },
  ],
  stores: [],
  attestations: [],
  index: "api/v1/",
};
const builds = 100_000;

function build(i: number): BuildSummary {
  const buildId = `0x${i.toString(16).padStart(64, "0")}` as const;
  const common = { chain: key, buildId, state: "open", claims: 1, refuted: 0, disputes: 0 } as const;
  return { ...common, since: 1000 + i, changed: 1000 + i, about: { source: `project number ${i}` } };
}

/** An index of many builds: numbers are all that it has of them. */
const index: Handler = (_, response, { pathname, searchParams }) => {
  const path = pathname.split("/api/v1/")[1];
  if (path === undefined) return false;
  const from = Number(searchParams.get("cursor") ?? 0);
  const limit = Number(searchParams.get("limit") ?? 50);
  const items = Array.from({ length: Math.min(limit, builds - from) }, (_, i) => build(from + i));
  const next = from + limit < builds ? String(from + limit) : undefined;
  const chain = { key, name: "local", chainId: 31337, assay, block: 5, builds, events: builds };
  const body = path === "chains" ? { items: [chain] } : { items, next };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  return true;
};

describe.skipIf(chromiumPath === undefined)("the first view", () => {
  let browser: Browser;
  let server: PageServer;
  beforeAll(async () => {
    server = await servePage({ settings: () => settings, handle: index });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it("loads at most 130 kB, compressed", async () => {
    const { files, bytes } = await firstViewOf(browser, server.url, await builtPage());
    expect(files.length).toBeGreaterThan(2);
    expect(bytes).toBeLessThan(130_000);
  });

  it("holds few of many builds, however far one scrolls", async () => {
    const { page } = await openPage(browser, server.url);
    await page.locator(".row").first().waitFor();
    for (let screen = 0; screen < 12; screen++) {
      const before = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await page.waitForFunction((height) => document.documentElement.scrollHeight > height, before);
      expect(await page.locator(".row").count()).toBeLessThan(80);
    }
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByText("project number 0", { exact: true }).waitFor();
    await page.context().close();
  });
});
