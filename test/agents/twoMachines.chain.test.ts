import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { noneUndone } from "../../src/agents/duties.ts";
import { fetchPublication } from "../../src/client/publication.ts";
import { parseContentId } from "../../src/store/contentId.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { type StoreServer, serveStore } from "../../src/store/node/storeServer.ts";
import { AgentWorld, folderStore } from "../support/agentWorld.ts";
import { startMirror, type TestMirror } from "../support/mirrors.ts";

const readFrom = (url: string) => ({ url, write: false });

let world: AgentWorld;
let served: StoreServer;
let wrongMirror: TestMirror;
let stalling: TestMirror;
beforeEach(async () => {
  world = await AgentWorld.start();
  served = await serveStore({ folder: world.storeFolder, host: "127.0.0.1", port: 0 });
  wrongMirror = await startMirror((_, response) => void response.end("{}"));
  stalling = await startMirror(() => {});
});
afterEach(async () => {
  await world.close();
  await served.close();
  await wrongMirror.close();
  await stalling.close();
});

it("a verifier with a store of its own gets everything by HTTP, past a mirror with wrong content, and wins the dispute", async () => {
  const storeFolder = join(world.folder, "other-machine");
  await world.request(await world.source("machines"));
  const solver = await world.solver(["memory@1:1000"]);
  const verifier = await world.verifier({
    stores: [folderStore(storeFolder), readFrom(wrongMirror.url), readFrom(served.url)],
  });
  const claim = await world.until("the refutation", () => {
    const claim = world.claimOf(solver.wallet);
    return claim?.refutation && claim;
  });
  expect(claim.refutation).toMatchObject({ cause: "fault", rewarded: verifier.wallet.address });
  expect(await verifier.stop()).toEqual(noneUndone());

  const complaints = verifier.entries.filter(({ facts }) => facts.mirror !== undefined);
  expect(complaints).toMatchObject([
    { level: "warn", facts: { mirror: wrongMirror.url, why: "sent other bytes than asked for", pauseSeconds: 60 } },
  ]);
  const kept = directoryStore(storeFolder);
  const { build, checkpoints } = await fetchPublication(kept, claim.fields.locator);
  expect(await kept.has(build.input.id)).toBe(true);
  expect(await kept.has(parseContentId(checkpoints!))).toBe(true);
});

it("a daemon that ends leaves a mirror that stalls, without a word against it", async () => {
  await world.request(await world.source("stalled"));
  const solver = await world.solver([], {
    stores: [folderStore(join(world.folder, "other-machine")), readFrom(stalling.url)],
  });
  await world.until("a request", () => stalling.requests.length > 0);
  await solver.stop();
  expect(solver.entries.filter(({ level }) => level === "warn")).toEqual([]);
});
