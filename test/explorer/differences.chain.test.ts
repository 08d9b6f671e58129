import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseFault } from "../../src/agents/faults/injectedFault.ts";
import { machineFault } from "../../src/agents/faults/machineFault.ts";
import { finishLocalRun } from "../../src/build/node/finishedLocalRun.ts";
import { startLocalRun } from "../../src/build/node/localRun.ts";
import type { Root } from "../../src/core/bytes.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { type PageServer, servePage } from "../support/explorerPage.ts";
import { HandheldIndex } from "../support/explorerWorld.ts";
import { axeFaults, openPage, overflows } from "../support/openPage.ts";

/** A bit in the middle of the source is another one, and so in the artifact. */
const fault = "memory@0:1";

describe.skipIf(chromiumPath === undefined)("two results of a build, on its page,", () => {
  let world: AgentWorld;
  let index: HandheldIndex;
  let server: PageServer;
  let browser: Browser;
  let buildId: Root;
  /** Contents that the host has no more. */
  const gone = new Set<string>();
  let right: { sha256: string };
  let wrong: { sha256: string };
  let wrongClaim: Root;
  beforeAll(async () => {
    world = await AgentWorld.start();
    index = new HandheldIndex(world);
    server = await servePage({
      settings: () => index.settings(),
      handle: async (request, response, url) => {
        if (![...gone].some((sha256) => url.pathname.endsWith(sha256)))
          return await index.handle(request, response, url);
        response.writeHead(404).end();
        return true;
      },
    });
    browser = await startChromium();
    const source = await world.source("differing");
    [right, wrong] = [await publishArtifact(source), await publishArtifact(source, fault)];
    const honest = await world.solver();
    buildId = await world.request(source);
    await world.until("the right claim", () => world.claimOf(honest.wallet));
    await honest.stop();
    const lying = await world.solver([fault]);
    wrongClaim = (await world.until("the wrong claim", () => world.claimOf(lying.wallet))).claimId;
    await lying.stop();
  });
  beforeEach(() => gone.clear());
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await world?.close();
  });

  /** Runs the build, with a fault or without, and puts what it gives into the store. */
  async function publishArtifact(source: string, text?: string): Promise<{ sha256: string }> {
    const run = await startLocalRun({ source, environment: "releaseTarball" }, ({ environment, drive }) => {
      const given = text === undefined ? undefined : machineFault([parseFault(text)], environment, drive);
      return given === undefined ? {} : { fault: given };
    });
    try {
      const finished = await finishLocalRun(run, () => {});
      const id = await directoryStore(world.storeFolder).put(await finished.readArtifact());
      return { sha256: id.slice("sha256:".length) };
    } finally {
      await run.session.close();
    }
  }

  async function open(width = 1280): Promise<{ page: Page; complaints: string[] }> {
    const opened = await openPage(browser, `${server.url}#/build/${index.key}/${buildId}`, { width });
    await opened.page.getByRole("heading", { name: "Where two results differ" }).waitFor();
    return opened;
  }

  it("differ in files that the page fetches and unpacks: which one, and where in it", async () => {
    expect(right.sha256).not.toBe(wrong.sha256);
    const { page, complaints } = await open(360);
    await page.getByRole("button", { name: "Which files differ?" }).click();
    await page.getByRole("heading", { name: "Where the artifacts differ" }).waitFor();
    const lines = page.locator(".difference-list > li");
    expect(await lines.count()).toBe(1);
    const text = await lines.first().textContent();
    expect(text).toMatch(/^artifact!\/.*file-\d: line \d+/);
    expect(text).toMatch(/first differhng \d.*second differing \d/);
    expect(await axeFaults(page)).toEqual([]);
    expect(await overflows(page)).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("are named as missing where no store has one of them", async () => {
    gone.add(wrong.sha256);
    const { page } = await open();
    await page.getByRole("button", { name: "Which files differ?" }).click();
    await page.getByRole("alert").getByText("They cannot be compared").waitFor();
    expect(await page.getByRole("alert").textContent()).toContain(wrong.sha256);
    await page.context().close();
  });

  it("may be one's own: what the run in the tab has left is compared with a claim", async () => {
    // The tab has the right one from its own machine.
    gone.add(right.sha256);
    const { page, complaints } = await open();
    const claim = page.locator(`[data-claim="${wrongClaim}"]`);
    await claim.getByRole("button", { name: "Verify in this tab" }).click();
    await claim.getByRole("button", { name: "Verify", exact: true }).click();
    await claim.getByText("This claim is wrong").waitFor();
    await page.getByLabel("First").selectOption({ label: "run in this tab" });
    await page.getByLabel("Second").selectOption(wrongClaim);
    await page.getByRole("button", { name: "see the verification" }).waitFor();
    await page.getByRole("button", { name: "Which files differ?" }).click();
    await page.locator(".difference-list > li").first().waitFor();
    expect(await page.locator(".difference-list > li").count()).toBe(1);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("can both be verified on one page, whose ids stay apart", async () => {
    const { page } = await open();
    const buttons = page.getByRole("button", { name: "Verify in this tab" });
    await buttons.first().click();
    await buttons.first().click();
    await page.getByRole("heading", { name: "Verify in this tab" }).nth(1).waitFor();
    const ids = await page.locator("[id]").evaluateAll((elements) => elements.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(ids.length);
    await page.context().close();
  });
});
