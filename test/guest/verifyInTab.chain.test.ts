import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClaimRecord } from "../../src/chain/records.ts";
import type { VerifiedClaim } from "../../src/explorer/page/verify/messages.ts";
import { environmentAt } from "../../src/guest/environmentIndex.ts";
import { addManifest } from "../../src/guest/node/manifestFiles.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { type StoreServer, serveStore } from "../../src/store/node/storeServer.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { loadEnvironment, pinnedImageFiles } from "../support/guestRun.ts";
import { type GuestWorld, startGuestWorld } from "../support/guestWorld.ts";
import { openVerifyPage, outcomeOf, startVerifyHost, type VerifyHost } from "../support/verifyScene.ts";

const patience = 600;
const build = {
  environment: "small",
  command: {
    command: "i=0; while [ $i -lt 60 ]; do i=$((i+1)); seq 1 500; done; tcc -o hello hello.c && ./hello",
    outputs: ["hello"],
    tickLimit: 2000n,
  },
};

function shown({ claimId, fields }: ClaimRecord): VerifiedClaim {
  const { buildId, finalRoot, log2Ticks, log2CheckpointTicks, checkpointRoot, locator } = fields;
  return { claimId, buildId, finalRoot, log2Ticks, log2CheckpointTicks, checkpointRoot, locator };
}

const isHere = pinnedImageFiles() !== undefined && chromiumPath !== undefined;
describe.runIf(isHere)("claims about a Linux build, verified in a tab", () => {
  let guests: GuestWorld;
  let store: StoreServer;
  let browser: Browser;
  let host: VerifyHost;
  let right: VerifiedClaim;
  let wrong: VerifiedClaim;
  beforeAll(async () => {
    // The wrong solver can join the round however long its run takes.
    guests = await startGuestWorld({ blockMilliseconds: 1000, terms: { baseWindowSeconds: 100_000 } });
    const { world, manifest } = guests;
    const { images } = loadEnvironment("small");
    const published = directoryStore(world.storeFolder);
    for (const image of [images.kernel, images.root]) await published.put(image);
    expect(await addManifest(world.storeFolder, manifest)).toBeUndefined();
    const source = await world.source("tab");
    await writeFile(join(source, "hello.c"), "int main(void) { return 0; }\n");
    await world.request(source, { build });
    const honest = await world.solver();
    right = shown(await world.until("the claim", () => world.claimOf(honest.wallet), patience));
    await honest.stop();
    const lying = await world.solver(["memory@30:1000"]);
    wrong = shown(await world.until("the wrong claim", () => world.claimOf(lying.wallet), patience));
    await lying.stop();
    const folder = world.storeFolder;
    const fileAt = (path: string) => (environmentAt(path) === undefined ? undefined : join(folder, path));
    store = await serveStore({ folder, host: "127.0.0.1", port: 0, fileAt });
    host = await startVerifyHost(right, { version: 1, chains: [], stores: [store.url], attestations: [] });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
    await store?.close();
    await guests?.close();
  });

  /** Opens the page of a claim, and has it fetch what it asks for first. */
  async function begin(claim: VerifiedClaim): Promise<{ page: Page; complaints: string[] }> {
    host.claim = claim;
    const { page, complaints } = await openVerifyPage(await browser.newContext(), host.url);
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByRole("button", { name: /^Fetch .* and run$/ }).click();
    return { page, complaints };
  }

  it("are found right, also when the page is loaded again in the middle of the run", async () => {
    const { page, complaints } = await begin(right);
    await page.getByText(/million instructions a second/).waitFor();
    await page.reload();
    expect(await outcomeOf(page)).toMatch(/^This claim is right: .* at the end\.$/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("are found wrong, with the tick at which they part", async () => {
    const { page } = await begin(wrong);
    expect(await outcomeOf(page)).toMatch(/^This claim is wrong: it parts from the run in this tab at .*, tick \d/);
    await page.context().close();
  });
});
