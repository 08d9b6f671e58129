import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { type PageServer, servePage } from "../support/explorerPage.ts";
import { HandheldIndex } from "../support/explorerWorld.ts";
import { axeFaults, openPage, overflows } from "../support/openPage.ts";

const screenshots = fileURLToPath(new URL("../../build/screenshots/", import.meta.url));

describe.skipIf(chromiumPath === undefined)("the explorer's views", () => {
  let world: AgentWorld;
  let index: HandheldIndex;
  let server: PageServer;
  let browser: Browser;
  let honest: Root;
  let disputed: Root;
  let disputeId: Root;
  let operator: string;
  beforeAll(async () => {
    await mkdir(screenshots, { recursive: true });
    world = await AgentWorld.start();
    index = new HandheldIndex(world);
    server = await servePage({ settings: () => index.settings(), handle: index.handle });
    browser = await startChromium();
    const lying = await world.solver(["memory@1:100"]);
    disputed = await world.request(await world.source("disputed"));
    await world.until("the wrong claim", () => world.claimOf(lying.wallet));
    await world.verifier({ challengeContradictions: true });
    await world.until("the refutation", ({ ledger }) =>
      [...ledger.history.claims.values()].some(({ status }) => status === "refuted"),
    );
    disputeId = [...world.ledger.history.challenges.keys()][0]!;
    operator = lying.wallet.address.toLowerCase();
    await lying.stop();
    const solver = await world.solver();
    honest = await world.request(await world.source("honest"));
    await world.until("the right claim", ({ ledger }) => ledger.history.livingClaims(honest).length > 0);
    await world.skip(4000);
    await world.until("the result", ({ ledger }) => ledger.history.builds.get(honest)?.finalClaim !== undefined);
    await solver.stop();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await world?.close();
  });

  /** Shows a view in three ways, and holds it to what all views keep. */
  async function look(name: string, hash: string, ready: (page: Page) => Promise<unknown>): Promise<Page> {
    for (const [width, scheme] of [
      [360, "light"],
      [1280, "dark"],
    ] as const) {
      const { page, complaints } = await openPage(browser, server.url + hash, { width, scheme });
      await ready(page);
      await page.screenshot({ path: `${screenshots}${name}-${width}-${scheme}.png`, fullPage: true });
      expect(complaints).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await page.context().close();
    }
    const { page, complaints } = await openPage(browser, server.url + hash);
    await ready(page);
    await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
    expect(await axeFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    return page;
  }

  it("list the builds, and mark what the contract itself says is final", async () => {
    const page = await look("builds", "", async (page) => {
      await page.locator(".row").nth(1).waitFor();
      await page.locator(".state-proven").first().waitFor();
    });
    await page.getByRole("link", { name: "requested", exact: true }).click();
    await page.getByText("No build is like that.").waitFor();
    await page.getByRole("link", { name: "final", exact: true }).click();
    await page.locator(".row").first().waitFor();
    await page.context().close();
  });

  it("show a final build as the contract has it", async () => {
    const page = await look("build", `#/build/${index.key}/${honest}`, async (page) => {
      await page.getByText(/^read from the contract at block/).waitFor();
    });
    await page.getByText("This is what the contract itself says.").waitFor();
    await page.getByRole("button", { name: "Verify in this tab" }).click();
    await page.getByRole("heading", { name: "Verify in this tab" }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.context().close();
  });

  it("show a dispute down to its step, and replay it by keys", async () => {
    const page = await look("dispute", `#/dispute/${index.key}/${disputeId}`, async (page) => {
      await page.getByText("What the step touched").waitFor();
    });
    await page.getByText("another state").waitFor();
    const slider = page.getByRole("slider", { name: "Move" });
    const last = Number(await slider.inputValue());
    expect(last).toBeGreaterThan(3);
    await slider.focus();
    await page.keyboard.press("Home");
    await page.getByText("Before the challenge").waitFor();
    await page.keyboard.press("ArrowRight");
    await page.locator(".move-words", { hasText: "The challenger challenges" }).waitFor();
    await page.keyboard.press("End");
    await page.locator(".move-words", { hasText: "proves the fault" }).waitFor();
    await page.context().close();
  });

  it("show a claim within its build, and that it was refuted", async () => {
    const { claimId } = [...world.ledger.history.claims.values()].find(({ status }) => status === "refuted")!;
    const page = await look("claim", `#/claim/${index.key}/${claimId}`, async (page) => {
      await page.locator(".claim-selected").waitFor();
    });
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain(disputed.slice(2, 8));
    await page.getByText("a wrong step was proven on chain").waitFor();
    await page.getByRole("button", { name: "Where do they part?" }).click();
    // The wrong step is in tick 1.
    await page.getByText("the same up to tick 1, and differ at tick 2.").waitFor();
    await page.context().close();
  });

  it("show operators, and one of them", async () => {
    const page = await look("operators", "#/operators", async (page) => {
      await page.getByRole("table").getByRole("row").nth(1).waitFor();
    });
    await page.context().close();
    const one = await look("operator", `#/operator/${index.key}/${operator}`, async (page) => {
      await page.getByText("Claims").waitFor();
    });
    await one.getByText("1: 0 final, 1 refuted").waitFor();
    await one.context().close();
  });

  it("keep a policy that is written as a form, and judge by it", async () => {
    const page = await look("policy", "#/policy", async (page) => {
      await page.getByRole("button", { name: "Add local" }).click();
      await page.getByText("This is a policy.").waitFor();
    });
    await page.getByRole("button", { name: "Keep it" }).click();
    await page.goto(`${server.url}#/build/${index.key}/${honest}`);
    await page.getByText("Accepted: your policy holds").waitFor();
    await page.reload();
    await page.getByText("Accepted: your policy holds").waitFor();
    await page.getByText("agrees", { exact: true }).waitFor();
    await page.context().close();
  });

  it("follow a dispute from the challenge to the refutation", async () => {
    const before = new Set(world.ledger.history.challenges.keys());
    const lying = await world.solver(["memory@1:100"]);
    await world.request(await world.source("watched"));
    const opened = await world.until("the challenge", ({ ledger }) =>
      [...ledger.history.challenges.keys()].find((id) => !before.has(id)),
    );
    const { page, complaints } = await openPage(browser, `${server.url}#/dispute/${index.key}/${opened}`);
    await page.locator(".heading .state", { hasText: "open" }).waitFor();
    await page.locator(".side-turn").waitFor();
    await page.locator(".heading .state", { hasText: "the claim fell" }).waitFor();
    await page.locator(".bar-decided").waitFor();
    await page.getByText("another state").waitFor();
    await page.getByRole("status").filter({ hasText: "the claim is refuted" }).waitFor({ state: "attached" });
    expect(complaints).toEqual([]);
    await page.context().close();
    await lying.stop();
  });
});
