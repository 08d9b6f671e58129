import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { axeFaults, openPage } from "../support/openPage.ts";
import { type ServedExplorer, startServedExplorer } from "../support/servedExplorer.ts";

describe.skipIf(chromiumPath === undefined)("the page on its own server and index", () => {
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

  it("shows a build from its request to its result, while one looks", async () => {
    const { world, url } = served;
    const { page, complaints } = await openPage(browser, url);
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
