import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";
import { AgentWorld } from "../support/agentWorld.ts";

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.start();
});
afterEach(async () => await world.close());

describe("a daemon whose log is on a full disk", () => {
  it("does its work, says once that lines are lost, and ends with the status of its duties", async () => {
    await world.request(await world.source("full"));
    const wallet = await world.wallet();
    const config = join(world.folder, "full.yaml");
    await writeFile(config, world.configuration("full"));
    const daemon = spawn(compiledCommand, ["solver", "--config", config], {
      cwd: world.folder,
      env: { ...process.env, ASSAY_KEY: wallet.privateKey },
      stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
    });
    let stderr = "";
    daemon.stderr!.on("data", (chunk) => {
      stderr += String(chunk);
    });
    const ended = once(daemon, "exit");
    await world.until("the claim", () => world.claimOf(wallet));
    daemon.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(stderr).toMatch(/^assay: cannot write the log: ENOSPC[^\n]*\n$/);
  });
});
