import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClaimRecord } from "../../../src/chain/records.ts";
import type { VerifiedClaim } from "../../../src/explorer/page/verify/messages.ts";
import type { ExplorerSettings } from "../../../src/explorer/settings.ts";
import { type StoreServer, serveStore } from "../../../src/store/node/storeServer.ts";
import { AgentWorld } from "../../support/agentWorld.ts";
import { chromiumPath, startChromium } from "../../support/chromium.ts";
import { openVerifyPage, outcomeOf, startVerifyHost, type VerifyHost } from "../../support/verifyScene.ts";

function shown({ claimId, fields }: ClaimRecord): VerifiedClaim {
  const { buildId, finalRoot, log2Ticks, log2CheckpointTicks, checkpointRoot, locator } = fields;
  return { claimId, buildId, finalRoot, log2Ticks, log2CheckpointTicks, checkpointRoot, locator };
}

describe.skipIf(chromiumPath === undefined)("a claim about a release tarball, verified in a tab", () => {
  let world: AgentWorld;
  let store: StoreServer;
  let browser: Browser;
  let host: VerifyHost;
  let right: VerifiedClaim;
  let wrong: VerifiedClaim;
  const settings = (stores: readonly string[]): ExplorerSettings => ({
    version: 1,
    chains: [],
    stores,
    attestations: [],
  });
  beforeAll(async () => {
    world = await AgentWorld.start();
    await world.request(await world.source("tab", 30));
    const honest = await world.solver();
    const lying = await world.solver(["memory@3:1000"]);
    right = shown(await world.until("the claim", () => world.claimOf(honest.wallet)));
    wrong = shown(await world.until("the wrong claim", () => world.claimOf(lying.wallet)));
    store = await serveStore({ folder: world.storeFolder, host: "127.0.0.1", port: 0 });
    host = await startVerifyHost(right, settings([store.url]));
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
    await store?.close();
    await world?.close();
  });

  it("is found right where it is, under the page's content security policy", async () => {
    host.claim = right;
    const { page, complaints } = await openVerifyPage(await browser.newContext(), host.url);
    await page.getByRole("button", { name: "Verify" }).click();
    expect(await outcomeOf(page)).toMatch(/^This claim is right: .* at the end\.$/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("is found wrong where it is, with the tick at which it parts", async () => {
    host.claim = wrong;
    const { page } = await openVerifyPage(await browser.newContext(), host.url);
    await page.getByRole("button", { name: "Verify" }).click();
    expect(await outcomeOf(page)).toMatch(/^This claim is wrong: it parts from the run in this tab at/);
    await page.context().close();
  });
});
