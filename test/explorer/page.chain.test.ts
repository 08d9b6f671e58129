import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExplorerSettings } from "../../src/explorer/settings.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { type PageServer, servePage } from "../support/explorerPage.ts";

const settings: ExplorerSettings = { version: 1, chains: [], stores: [], attestations: [] };

describe.skipIf(chromiumPath === undefined)("the explorer's page", () => {
  let browser: Browser;
  let server: PageServer;
  beforeAll(async () => {
    server = await servePage({ settings: () => settings });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it("comes up in a sub folder of a static host, under its content security policy", async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(server.url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });
});
