import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collectStore } from "../../src/cli/storeCollection.ts";
import { fetchPublication } from "../../src/client/publication.ts";
import { type ContentId, parseContentId } from "../../src/store/contentId.ts";
import { contentFile, directoryStore } from "../../src/store/node/directoryStore.ts";
import { type StoreServer, serveStore } from "../../src/store/node/storeServer.ts";
import { addToken } from "../../src/store/node/storeTokens.ts";
import { AgentWorld, folderStore, type RunningDaemon } from "../support/agentWorld.ts";

let world: AgentWorld;
let elsewhere: string;
let tokenFile: string;
let served: StoreServer;
beforeEach(async () => {
  world = await AgentWorld.start();
  elsewhere = join(world.folder, "elsewhere");
  const tokensFile = join(world.folder, "tokens.json");
  tokenFile = join(world.folder, "token");
  await writeFile(tokenFile, await addToken(tokensFile, "solver", 2 ** 30), { mode: 0o600 });
  served = await serveStore({ folder: elsewhere, host: "127.0.0.1", port: 0, accept: { tokensFile } });
});
afterEach(async () => {
  await world.close();
  await served.close();
});

/** What a claim's locator leads to. */
async function contentsOf(locator: string): Promise<ContentId[]> {
  const { build, checkpoints } = await fetchPublication(directoryStore(world.storeFolder), locator);
  return [parseContentId(locator), build.input.id, ...(checkpoints === undefined ? [] : [checkpoints])];
}

async function claimed(solver: RunningDaemon) {
  return await world.until("the claim", () => world.claimOf(solver.wallet));
}

function said({ entries }: RunningDaemon, message: string) {
  return entries.filter((entry) => entry.message === message);
}

describe("a solver with another store than its own", () => {
  it("puts there what its claim needs, and says that one other holds it", async () => {
    await world.request(await world.source("held"));
    const stores = [folderStore(world.storeFolder), { url: served.url, write: true, tokenFile }];
    const solver = await world.solver([], { stores });
    const claim = await claimed(solver);
    const [entry] = await world.until("a word", () => {
      const found = said(solver, "others hold what this claim needs");
      return found.length > 0 && found;
    });
    expect(entry!.facts).toMatchObject({ claim: claim.claimId, holders: 1, asked: 1, failures: {} });
    const kept = directoryStore(elsewhere);
    for (const id of await contentsOf(claim.fields.locator)) expect(await kept.has(id)).toBe(true);
    await solver.stop();
  });

  it("says that nobody else holds it, and asks again until somebody does", async () => {
    await world.request(await world.source("alone"));
    const stores = [folderStore(world.storeFolder), { url: served.url, write: false }];
    const solver = await world.solver([], { stores });
    const claim = await claimed(solver);
    const [entry] = await world.until("a warning", () => {
      const found = said(solver, "nobody else holds what this claim needs");
      return found.length > 0 && found;
    });
    expect(entry!.level).toBe("warn");
    expect(entry!.facts).toMatchObject({
      holders: 0,
      failures: { [served.url]: expect.stringMatching(/^does not have/) },
    });
    for (const id of await contentsOf(claim.fields.locator)) {
      await directoryStore(elsewhere).put(await directoryStore(world.storeFolder).get(id, 2 ** 26));
    }
    await world.until("a word", () => said(solver, "others hold what this claim needs").length > 0);
    await solver.stop();
  });
});

describe("a verifier's own store", () => {
  it("keeps what it has checked as long as the claim is open, whatever is collected", async () => {
    const own = join(world.folder, "verifier");
    const state = join(world.folder, "state-of-verifier");
    const mirror = await serveStore({ folder: world.storeFolder, host: "127.0.0.1", port: 0 });
    try {
      await world.request(await world.source("kept"));
      const solver = await world.solver();
      const stores = [folderStore(own), { url: mirror.url, write: false }];
      const verifier = await world.verifier({ stores, stateFolder: state });
      const claim = await claimed(solver);
      await world.until("the check", () => said(verifier, "claim is right").length > 0);
      const input = await contentsOf(claim.fields.locator);
      await world.until("copies", async () => {
        const kept = await Promise.all(input.map((id) => directoryStore(own).has(id)));
        return kept.every(Boolean);
      });
      await verifier.stop();
      const useless = await directoryStore(own).put(new Uint8Array(5));
      for (const id of [...input, useless]) await utimes(contentFile(own, id), 0, 0);
      const { assay } = world.deployment;
      const asked = {
        folder: own,
        config: { state, chainId: 31337, assay },
        keepDays: 1,
        recentHours: 1,
        dryRun: false,
      };
      const { files, block } = await collectStore(asked);
      expect(block).toBeGreaterThan(0);
      for (const id of input) {
        const file = files.find((each) => each.id === id);
        expect(file).toMatchObject({ isKept: true, why: `the claim ${claim.claimId} is open` });
      }
      expect(await directoryStore(own).has(useless)).toBe(false);
      await solver.stop();
    } finally {
      await mirror.close();
    }
  });
});
