import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { type ServedExplorer, startServedExplorer } from "../support/servedExplorer.ts";

describe.skipIf(chromiumPath === undefined)("the page and the server's stream of changes", () => {
  let served: ServedExplorer;
  let browser: Browser;
  beforeAll(async () => {
    served = await startServedExplorer();
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it("follows a dispute by what the server tells, and asks for nothing while nothing is told", async () => {
    const { world, url, key } = served;
    await world.verifier();
    const before = new Set(world.ledger.history.challenges.keys());
    // It answers once and then no more: the dispute stays open for as long as the chain's time does not go on.
    const lying = await world.solver(["memory@1:100", "silent@1"]);
    await world.request(await world.source("streamed"));
    const opened = await world.until("the challenge", ({ ledger }) =>
      [...ledger.history.challenges.keys()].find((id) => !before.has(id)),
    );
    await world.server.send("evm_setIntervalMining", [0]);
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(300_000);
    await page.clock.install();
    const asked: string[] = [];
    page.on("request", (request) => {
      const path = request.url().split("/api/v1/")[1];
      if (path !== undefined) asked.push(path);
    });
    await page.goto(`${url}#/dispute/${key}/${opened}`);
    await page.locator(".heading .state", { hasText: "open" }).waitFor();
    expect(asked.filter((path) => path === "events")).toHaveLength(1);
    // What was under way comes to its end; then the page's clock runs, and no block comes.
    await page.clock.runFor(10_000);
    await page.waitForLoadState("networkidle");
    asked.length = 0;
    await page.clock.runFor(120_000);
    expect(asked).toEqual([]);
    const again = page.waitForRequest((request) => request.url().endsWith("/api/v1/chains"));
    await world.server.send("evm_mine", []);
    await again;

    await world.server.send("evm_setIntervalMining", [100]);
    await world.skip(100_000);
    await page.locator(".heading .state", { hasText: "the claim fell" }).waitFor();
    await context.close();
    await lying.stop();
  });

  it("is asked again and again where its stream of changes is cut off, and told again when it is there", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(300_000);
    let isCut = true;
    let streams = 0;
    await page.route("**/api/v1/events", async (route) => {
      streams++;
      if (isCut) await route.fulfill({ status: 503, body: "" });
      else await route.continue();
    });
    await page.clock.install();
    const asks = () => page.waitForRequest((request) => request.url().endsWith("/api/v1/chains"));
    await page.goto(served.url);
    await page.locator(".row").first().waitFor();
    // Without a stream it asks by its clock.
    for (let i = 0; i < 3; i++) {
      const next = asks();
      await page.clock.runFor(3000);
      await next;
    }
    expect(streams).toBe(1);
    isCut = false;
    const stream = page.waitForRequest("**/api/v1/events");
    await page.clock.runFor(61_000);
    await stream;
    expect(streams).toBe(2);
    await context.close();
  });
});
