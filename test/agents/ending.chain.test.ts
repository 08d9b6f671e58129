import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentWorld } from "../support/agentWorld.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";
import { KillableDaemon } from "../support/killableDaemon.ts";

/** The unit files give a daemon 90 s from the signal to its end. */
const unitMilliseconds = 85_000;
const patient = { timeout: 300_000, interval: 10 };

let world: AgentWorld;
let proxy: FaultyProxy;
let daemon: KillableDaemon | undefined;
beforeEach(async () => {
  world = await AgentWorld.start();
  proxy = await startFaultyProxy(world.server.url);
});
afterEach(async () => {
  await daemon?.kill();
  daemon = undefined;
  await proxy.close();
  await world.close();
});

async function start(...args: string[]): Promise<KillableDaemon> {
  // Longer than a test may take: none can wait for an unanswered request.
  const patience = "timeoutSeconds: 3600, retries: 2";
  const configuration = world.configuration(args[0]!, proxy.url).replace("timeoutSeconds: 5, retries: 2", patience);
  daemon = await KillableDaemon.configured(world, args[0]!, args, configuration);
  return daemon;
}

/** Has all requests unanswered, and waits until there are so many. */
async function goSilent(requests: number): Promise<void> {
  let unanswered = 0;
  proxy.behave(() => {
    unanswered++;
    return "stall";
  });
  await expect.poll(() => unanswered, patient).toBeGreaterThanOrEqual(requests);
}

/** Its exit status, once it has been asked to end. */
async function ending(running: KillableDaemon): Promise<unknown> {
  const late = setTimeout(unitMilliseconds, "still running when the unit file's time is over", { ref: false });
  return await Promise.race([running.stop(), late]);
}

describe("a daemon whose server has stopped answering", () => {
  it.each([["verifier"], ["solver"]])("ends with SIGTERM: an idle %s", async (kind) => {
    const running = await start(kind);
    await expect.poll(() => running.said("started"), patient).toBe(true);
    await goSilent(1);
    expect(await ending(running)).toBe(0);
    expect(running.said("stopped")).toBe(true);
  });

  it("ends with SIGTERM: a solver with a transaction under way", async () => {
    await world.request(await world.source("silent"));
    const running = await start("solver", "--log-level", "debug");
    await expect.poll(() => running.said("transaction sent"), patient).toBe(true);
    // The round, and the outbox.
    await goSilent(2);
    expect(await ending(running)).toBe(0);
    expect(running.lines.at(-1)).toMatchObject({ msg: "stopped" });
  });

  it("ends with SIGTERM: a monitor", async () => {
    const running = await start("monitor");
    await expect.poll(() => running.said("started"), patient).toBe(true);
    await goSilent(1);
    expect(await ending(running)).toBe(0);
  });
});
