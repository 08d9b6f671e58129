import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClaimRecord } from "../../../src/chain/records.ts";
import { AgentWorld } from "../../support/agentWorld.ts";
import { chromiumPath, startChromium } from "../../support/chromium.ts";
import { type PageServer, servePage } from "../../support/explorerPage.ts";
import { HandheldIndex } from "../../support/explorerWorld.ts";
import { openPage } from "../../support/openPage.ts";

describe.skipIf(chromiumPath === undefined)("a challenge from a tab", () => {
  let world: AgentWorld;
  let index: HandheldIndex;
  let server: PageServer;
  let browser: Browser;
  let wrong: ClaimRecord;
  /** What the wallet was asked to send, and what it shall refuse. */
  const sent: string[] = [];
  let isRefusing = false;
  beforeAll(async () => {
    world = await AgentWorld.start();
    index = new HandheldIndex(world);
    server = await servePage({ settings: () => index.settings(), handle: index.handle });
    browser = await startChromium();
    const lying = await world.solver(["memory@3:1000"]);
    await world.request(await world.source("tab", 30));
    wrong = await world.until("the wrong claim", () => world.claimOf(lying.wallet));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await world?.close();
  });

  /** The wrong claim's page, in a browser with a wallet that signs with an account of the chain's own. */
  async function open(): Promise<{ page: Page; complaints: string[] }> {
    const { page, complaints } = await openPage(browser, `${server.url}#/claim/${index.key}/${wrong.claimId}`);
    await page.exposeFunction("askWallet", async (method: string, params: unknown[]) => {
      if (method === "eth_requestAccounts") return await world.server.send("eth_accounts", []);
      if (method === "eth_sendTransaction") {
        if (isRefusing) throw new Error("the owner says no");
        sent.push(method);
      }
      return await world.server.send(method, params);
    });
    await page.addInitScript(() => {
      const { askWallet } = globalThis as unknown as { askWallet: (method: string, params: unknown[]) => unknown };
      const provider = {
        request: async ({ method, params = [] }: { method: string; params?: unknown[] }) =>
          await askWallet(method, params),
        on() {},
        removeListener() {},
      };
      const info = {
        uuid: "7b1e5c0a-9d51-4b55-8d0f-5b7c6f0a1a11",
        name: "Test wallet",
        icon: "data:,",
        rdns: "test.wallet",
      };
      const detail = Object.freeze({ info, provider });
      const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
      addEventListener("eip6963:requestProvider", announce);
      announce();
    });
    await page.reload();
    return { page, complaints };
  }

  it("is opened and played to the refutation, through a refusal and a reload", async () => {
    const { page, complaints } = await open();
    await page.getByRole("button", { name: "Verify in this tab" }).click();
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page.getByText("This claim is wrong").waitFor();
    await page.getByRole("button", { name: "Connect Test wallet" }).click();
    const stake = page.getByRole("button", { name: /^Stake .* ether and challenge$/ });
    await stake.waitFor();
    isRefusing = true;
    await stake.click();
    await page.getByRole("alert").getByText("the owner says no").waitFor();
    expect(sent).toEqual([]);
    isRefusing = false;
    await stake.click();
    await page.getByText(/The dispute is about/).waitFor();
    await page.reload();
    await page.getByText("The claim is refuted.").waitFor();
    expect(sent.length).toBeGreaterThan(2);
    const claim = await world.until("the refutation", ({ ledger }) => {
      const { status, refutation } = ledger.history.claims.get(wrong.claimId)!;
      return status === "refuted" ? refutation : undefined;
    });
    expect(claim.cause).toBe("fault");
    await page.getByRole("button", { name: "Fetch stake and reward" }).click();
    await page.getByRole("button", { name: "Fetch stake and reward" }).waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
