import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { noneUndone } from "../../src/agents/duties.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { startAnvil } from "../support/anvil.ts";
import { frameHead, type HeadServer, startHeadServer } from "../support/headServer.ts";
import { SpawnedDaemon } from "../support/spawned.ts";

let hostile: HeadServer;
beforeEach(async () => {
  hostile = await startHeadServer();
});
afterEach(() => hostile.close());

const message = "a socket for new blocks fails: they are found by polling alone";

it("a daemon that never polls sees each block that a socket tells of, past one that fails, and ends with it", async () => {
  const anvil = await startAnvil();
  const send = async (method: string, params: unknown[] = []): Promise<unknown> =>
    await anvil.provider.send(method, params);
  const world = await AgentWorld.start({ server: { url: anvil.url, send, close: () => anvil.close() } });
  hostile.behave(({ cut }) => cut());
  const sockets = [world.server.url.replace("http:", "ws:"), `${hostile.url}/secret-key`];
  const file = join(world.folder, "monitor.yaml");
  const configuration = world.configuration("monitor", `[${[world.server.url, ...sockets].join(", ")}]`);
  await writeFile(file, `${configuration.replace("seconds: 0.05", "seconds: 86400")}metrics: { port: 0 }\n`);
  const daemon = new SpawnedDaemon(["monitor", "--config", file], { folder: world.folder, key: "" });
  try {
    const { url } = await world.until("the port", () => daemon.lines.find(({ url }) => url !== undefined));
    const seen = async () => {
      const report = (await (await fetch(`${url}/healthz`)).json()) as { head?: { number: number } };
      return report.head?.number ?? -1;
    };
    // Blocks from before the subscription are not told.
    const first = await world.until("the first round", async () => (await seen()) >= 0 && (await seen()));
    await world.until("a block by the socket", async () => {
      await world.server.send("evm_mine");
      return (await seen()) > first;
    });
    for (let i = 0; i < 2; i++) {
      await world.server.send("evm_mine");
      const newest = await world.chain.provider.getBlockNumber();
      await world.until(`block ${newest}`, async () => (await seen()) >= newest);
    }
    await world.until("the warning", () => daemon.lines.find(({ msg }) => msg === message));
    expect(daemon.lines.filter(({ level }) => level !== "info")).toMatchObject([
      { level: "warn", host: new URL(hostile.url).host, why: "closed the socket", msg: message },
    ]);
    // A socket that never says goodbye does not keep the process.
    hostile.behave(() => {});
    expect(await daemon.stop()).toBe(0);
    expect(JSON.stringify(daemon.lines) + daemon.stderr).not.toContain("secret-key");
  } finally {
    await daemon.kill();
    await world.close();
  }
});

it("a verifier wins its dispute while sockets flood it, send junk and announce huge frames", async () => {
  const world = await AgentWorld.start();
  const flood = setInterval(() => {
    for (let i = 0; i < 20; i++) hostile.tell();
  }, 10);
  const others = [await startHeadServer(), await startHeadServer()];
  others[0]!.behave(({ send }) => send("<html>"));
  others[1]!.behave(({ raw }) => raw(frameHead(2 ** 40)));
  try {
    await world.request(await world.source("sockets"));
    const wrong = await world.solver(["memory@1:1000"]);
    const newHeads = [hostile, ...others].map(({ url }) => url);
    const verifier = await world.verifier({ newHeads });
    const { refutation } = await world.until("the refutation", () => {
      const claim = world.claimOf(wrong.wallet);
      return claim?.refutation && claim;
    });
    expect(refutation).toMatchObject({ cause: "fault", rewarded: verifier.wallet.address });
    expect(await verifier.stop()).toEqual(noneUndone());
    const said = verifier.entries.filter((entry) => entry.message === message).map(({ facts }) => facts);
    expect(said.map(({ host }) => host).sort()).toEqual(others.map(({ url }) => new URL(url).host).sort());
  } finally {
    clearInterval(flood);
    await world.close();
    for (const { close } of others) await close();
  }
});
