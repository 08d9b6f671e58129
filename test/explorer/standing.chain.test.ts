import { request } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAssaySender } from "../../src/chain/assay.ts";
import { assayCalls } from "../../src/chain/claims.ts";
import { defaultFeePolicy } from "../../src/chain/outbox/call.ts";
import type { Root } from "../../src/core/bytes.ts";
import type { BuildDetail } from "../../src/explorer/records.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { type Handler, type PageServer, servePage } from "../support/explorerPage.ts";
import { HandheldIndex } from "../support/explorerWorld.ts";
import { type OpenPage, openPage, overflows } from "../support/openPage.ts";

describe.skipIf(chromiumPath === undefined)("what the page believes", () => {
  let world: AgentWorld;
  let index: HandheldIndex;
  let server: PageServer;
  let browser: Browser;
  let final: Root;
  let open: Root;
  let isRpcDown = false;
  let hasIndex = true;
  let opened: OpenPage[] = [];

  /** The chain's server as the page reaches it: by the page's own host, so that a test can take it away. */
  const rpc: Handler = async (incoming, response, { pathname }) => {
    if (!pathname.endsWith("/rpc/")) return false;
    if (isRpcDown) {
      response.destroy();
      return true;
    }
    const options = { method: incoming.method, headers: { "content-type": "application/json" }, agent: false } as const;
    const forwarded = request(world.server.url, options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, { "content-type": "application/json" });
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    incoming.pipe(forwarded);
    return true;
  };

  beforeAll(async () => {
    world = await AgentWorld.start();
    index = new HandheldIndex(world);
    server = await servePage({
      settings: () => index.settings({ hasIndex, rpc: "rpc/" }),
      handle: async (...asked) => (await rpc(...asked)) || (await index.handle(...asked)),
    });
    browser = await startChromium();
    const solver = await world.solver();
    final = await world.request(await world.source("final"));
    await world.until("a claim", ({ ledger }) => ledger.history.livingClaims(final).length > 0);
    await world.skip(4000);
    await world.until("the result", ({ ledger }) => ledger.history.builds.get(final)?.finalClaim !== undefined);
    open = await world.request(await world.source("open"));
    await world.until("an open claim", ({ ledger }) => ledger.history.livingClaims(open).length > 0);
    await solver.stop();
  });
  beforeEach(() => {
    isRpcDown = false;
    hasIndex = true;
    index.isDown = false;
    index.bend = (_, answer) => answer;
    opened = [];
  });
  afterEach(async () => {
    for (const { page, complaints } of opened) {
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await world?.close();
  });

  async function show(hash: string, width = 1280) {
    const shown = await openPage(browser, server.url + hash, { width });
    opened.push(shown);
    return shown.page;
  }
  const ofBuild = (id: Root) => `#/build/${index.key}/${id}`;
  /** Changes what the index says of builds. */
  function bendBuilds(change: (build: BuildDetail) => object): void {
    index.bend = (path, answer) =>
      path.startsWith("builds/") && answer !== undefined ? { ...answer, ...change(answer as BuildDetail) } : answer;
  }

  it("is the contract, where the index says that an open build is final", async () => {
    bendBuilds(() => ({ state: "final", finalizedAt: 1 }));
    const page = await show(ofBuild(open));
    await page.getByText("The index contradicts the contract.").waitFor();
    await page.locator(".heading .state-open").waitFor();
    expect(await page.locator(".state-proven").count()).toBe(0);
  });

  it("is the contract, where the index hides that a build is final", async () => {
    bendBuilds(() => ({ state: "open", finalizedAt: undefined, finalClaim: undefined }));
    const page = await show(ofBuild(final));
    await page.getByText("The index contradicts the contract.").waitFor();
    await page.locator(".heading .state-proven").waitFor();
  });

  it("is the contract, where the index names another artifact", async () => {
    const other = `0x${"ab".repeat(32)}`;
    bendBuilds(({ outcome }) => ({ outcome: { ...outcome, artifactSha256: other } }));
    const page = await show(ofBuild(final));
    await page.getByText("The index contradicts the contract.").waitFor();
    const { fields } = world.ledger.history.livingClaims(final)[0]!;
    await page.locator(".notice code", { hasText: fields.outcome.artifactSha256.slice(2) }).waitFor();
  });

  it("is the contract, where a claim is verified in the tab and the index tells another last state of it", async () => {
    const isAsked = (path: string) => path.startsWith("claims/");
    index.bend = (path, answer) =>
      isAsked(path) ? { ...(answer as object), finalRoot: `0x${"cd".repeat(32)}` } : answer;
    const page = await show(ofBuild(final));
    await page.getByRole("button", { name: "Verify in this tab" }).click();
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page.locator(".verify-outcome strong", { hasText: /^This claim is (right|wrong)/ }).waitFor();
    expect(await page.locator(".verify-outcome strong").textContent()).toContain("This claim is right");
  });

  it("is nothing that an index answers in another shape", async () => {
    bendBuilds(() => ({ claims: "many" }));
    const page = await show(ofBuild(final));
    // The chain alone is enough then.
    await page.getByText("the answer.claims is not a number").waitFor();
    await page.locator(".heading .state-proven").waitFor();
  });

  it("is a hint while the chain cannot be asked, and the contract's word once it can", async () => {
    isRpcDown = true;
    const page = await show(ofBuild(final));
    await page.getByText("the index says so; the contract could not be asked").waitFor();
    expect(await page.locator(".state-proven").count()).toBe(0);
    isRpcDown = false;
    await page.getByText(/^read from the contract at block/).waitFor();
  });

  it("stays on the page while the index is away, and is the chain's for what is asked then", async () => {
    const page = await show("");
    await page.locator(".row").nth(1).waitFor();
    index.isDown = true;
    await page.getByText("The index does not answer").waitFor();
    expect(await page.locator(".row").count()).toBe(2);
    await page.goto(server.url + ofBuild(final));
    await page.getByText("This is read from the chain alone").waitFor();
    await page.locator(".heading .state-proven").waitFor();
    index.isDown = false;
    await page.getByText("The index answers.").waitFor();
    await page.getByText("This is read from the chain alone").waitFor({ state: "detached" });
  });

  it("is the chain where the host has no index", async () => {
    hasIndex = false;
    const page = await show("");
    await page.getByLabel("Id").fill(final);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText(/^read from the contract at block/).waitFor();
    await page.getByRole("article").getByText("final").waitFor();
    const { claimId } = world.ledger.history.livingClaims(final)[0]!;
    await page.goto(`${server.url}#/claim/${index.key}/${claimId}`);
    await page.locator(".claim-selected").waitFor();
    expect(index.asked.length).toBeGreaterThan(0);
  });

  it("follows a reorganisation: what was final is open again", async () => {
    const snapshot = await world.server.send("evm_snapshot");
    await world.skip(4000);
    const page = await show(ofBuild(open));
    const sender = await createAssaySender(world.chain, await world.wallet(), defaultFeePolicy);
    const { reference, details } = world.ledger.history.livingClaims(open)[0]!;
    await sender.send(assayCalls(world.deployment.assay).finalize(reference, details));
    await page.locator(".heading .state-proven").waitFor();
    await world.server.send("evm_revert", [snapshot]);
    await page.locator(".heading .state-open").waitFor();
    await page.locator(".state-proven").waitFor({ state: "detached" });
  });

  it("is text, whatever strangers write", async () => {
    const script = `<img src=x onerror="globalThis.pwned=1"><script>globalThis.pwned=1</script>`;
    const nasty = `${script}\u202egnp.exe\u0007\u001b[31m${"W".repeat(3000)}`;
    const about = {
      repository: "javascript:globalThis.pwned=1",
      commit: nasty,
      source: nasty,
      environment: { name: nasty, id: `0x${"11".repeat(32)}` },
      input: { id: nasty, size: 1e15 },
    };
    index.bend = (path, answer) => {
      const build = (one: BuildDetail) => ({ ...one, about });
      if (path === "builds") return { items: (answer as { items: BuildDetail[] }).items.map(build) };
      if (path === "search") return { items: [{ kind: "build", chain: index.key, id: nasty, text: nasty }] };
      if (!path.startsWith("builds/")) return answer;
      const given = answer as BuildDetail;
      return {
        ...build(given),
        requests: given.requests.map((one) => ({ ...one, locator: nasty })),
        claimList: given.claimList.map((one) => ({ ...one, locator: nasty })),
        events: given.events.map((one) => ({ ...one, name: nasty, transaction: nasty })),
      };
    };
    for (const width of [360, 1280]) {
      const page = await show("", width);
      await page.getByText("<img src=x").first().waitFor({ state: "attached" });
      expect(await overflows(page)).toBe(false);
      await page.goto(server.url + ofBuild(final));
      await page.locator(".panel", { hasText: "<img src=x" }).first().waitFor();
      await page.getByText("events, the newest first").click();
      expect(await overflows(page)).toBe(false);
      expect(await page.locator("a[href^='javascript']").count()).toBe(0);
      expect(await page.locator("main img").count()).toBe(0);
      expect(await page.locator("main").textContent()).not.toContain("\u202e");
      await page.goto(`${server.url}#/builds?q=${encodeURIComponent(nasty.slice(0, 150))}`);
      await page.locator(".hits li").waitFor();
      expect(await overflows(page)).toBe(false);
      expect(await page.evaluate(() => (globalThis as { pwned?: number }).pwned)).toBeUndefined();
    }
  });

  it("is found by an artifact: chosen or dropped, it is hashed in the page", async () => {
    const { outcome } = world.ledger.history.livingClaims(final)[0]!.fields;
    const page = await show("");
    await page.locator(".row").first().waitFor();
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["nothing that was built"], "other.tar.gz"));
      return transfer;
    });
    await page.dispatchEvent(".drop-zone", "drop", { dataTransfer: data });
    await page.getByText("Nothing is like that.").waitFor();
    expect(await page.getByRole("searchbox").inputValue()).toBe(await sha256Of("nothing that was built"));
    await page.getByRole("searchbox").fill(outcome.artifactSha256.slice(2));
    await page.getByRole("link", { name: /^build/ }).click();
    await page.getByRole("heading", { level: 1, name: /^Build/ }).waitFor();
    // Also when the heading of what was loading has been replaced.
    await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  });
});

async function sha256Of(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("hex");
}
