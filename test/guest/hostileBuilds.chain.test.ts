import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/agents/agent.ts";
import { noneUndone } from "../../src/agents/duties.ts";
import { resultOf } from "../../src/client/results.ts";
import type { Root } from "../../src/core/bytes.ts";
import { buildIdOf } from "../../src/environment/environment.ts";
import type { RunnableEnvironment } from "../../src/environment/runnable.ts";
import { emulatorExitCodes, initExitCodes } from "../../src/guest/result.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import type { AgentWorld, RunningDaemon } from "../support/agentWorld.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";
import { type GuestWorld, startGuestWorld } from "../support/guestWorld.ts";
import { SpawnedDaemon } from "../support/spawned.ts";

const limits = { ...defaultLimits, parallelChallenges: 1 };
const patience = 400;
const mebibyte = 2 ** 20;

describe.runIf(pinnedImageFiles())("a daemon and a guest's build that is hostile", () => {
  let guestWorld: GuestWorld;
  let world: AgentWorld;
  let guest: RunnableEnvironment;
  beforeAll(async () => {
    guestWorld = await startGuestWorld({ blockMilliseconds: 500 });
    ({ world, guest } = guestWorld);
  });
  afterAll(async () => await guestWorld?.close());

  const request = async (run: string, ticks = 150n) =>
    await world.request(await world.source("hostile"), {
      build: { environment: "small", command: { command: run, outputs: ["out"], tickLimit: ticks } },
    });
  const claimsOn = (buildId: Root) =>
    [...world.ledger.history.claims.values()].filter(({ fields }) => fields.buildId === buildId);
  const said = async ({ entries }: RunningDaemon, message: string) =>
    await world.until(message, () => entries.find((entry) => entry.message === message), patience);

  it("claims what a guest says about an input that is not a guest's", async () => {
    const input = new TextEncoder().encode("this is not what a guest expects ".repeat(200));
    const buildId = buildIdOf(guest, input, await loadKeccakKernel());
    await world.requestInput(buildId, guest, input);
    const solver = await world.solver([], { limits });
    const verifier = await world.verifier({ limits });
    await said(verifier, "claim is right");
    await world.skip(2000);
    await world.until("finality", ({ ledger }) => ledger.history.builds.get(buildId)?.finalClaim, patience);
    expect(await resultOf(world.chain, buildId)).toMatchObject({ status: "final", exitCode: initExitCodes.badInput });
    expect(await solver.stop()).toEqual(noneUndone());
    expect(await verifier.stop()).toEqual(noneUndone());
  }, 900_000);

  it("leaves alone and counts what is above the operator's limits, and goes on", async () => {
    const buildId = await request("while :; do :; done", 60n);
    const short = await world.solver([], { limits: { ...limits, maxTicks: 40 } });
    const hasty = await world.solver([], { limits: { ...limits, maxBuildSeconds: 0.05 } });
    for (const [solver, why] of [
      [short, "more than 40 ticks"],
      [hasty, "more than 0.05 seconds"],
    ] as const) {
      const { facts } = await said(solver, "cannot run this build");
      expect(facts).toMatchObject({ code: "agents/too-long", build: buildId });
      expect(facts.why).toContain(why);
    }
    expect(claimsOn(buildId)).toEqual([]);
    for (const daemon of [short, hasty]) await daemon.stop();
    const verifier = await world.verifier({ limits: { ...limits, maxTicks: 40 } });
    const solver = await world.solver([], { limits });
    expect((await said(verifier, "cannot check this claim")).facts).toMatchObject({ code: "agents/too-long" });
    const other = await request("exit 3");
    await said(verifier, "claim is right");
    expect(claimsOn(other)).toHaveLength(1);
    await solver.stop();
    expect(await verifier.stop()).toEqual({ ...noneUndone(), uncheckedClaims: 1 });
  }, 900_000);

  it("stays within bounded memory whatever the command prints, forks or fills", async () => {
    const builds = {
      prints: await request("yes 'without end, as long as the limit lets it'"),
      forks: await request("fork() { fork | fork & }; fork; while :; do :; done"),
      fills: await request("head -c 100000000 /dev/zero >/tmp/full; head -c 1000000000 /dev/zero | tail"),
    };
    const config = join(world.folder, "solver.yaml");
    await writeFile(config, world.configuration("solver", undefined, "openBuilds: 1, parallelChallenges: 1"));
    const solver = new SpawnedDaemon(["solver", "--config", config], {
      folder: world.folder,
      key: (await world.wallet()).privateKey,
    });
    await world.until(
      "all claims",
      () => Object.values(builds).every((buildId) => claimsOn(buildId).length > 0),
      patience,
    );
    const memory = await solver.peakMemory();
    const log = join(world.stateFolder("solver"), "builds", builds.prints, "console.log");
    const printed = await readFile(log);
    expect((await stat(log)).size).toBeLessThanOrEqual(64 * mebibyte);
    expect(printed.subarray(-2 * mebibyte).toString()).toContain("without end, as long as the limit lets it\n");
    console.log(`the solver had ${Math.round(memory / mebibyte)} MiB at most; ${printed.length} bytes were printed`);
    // The machine's memory is 288 MiB.
    expect(memory / mebibyte).toBeLessThan(1200);
    await world.skip(2000);
    const final = ({ ledger }: AgentWorld) =>
      Object.values(builds).every((buildId) => ledger.history.builds.get(buildId)?.finalClaim);
    await world.until("finality", final, patience);
    expect(await solver.stop()).toBe(0);
    expect(await resultOf(world.chain, builds.prints)).toMatchObject({ exitCode: emulatorExitCodes.tickLimit });
    expect(await resultOf(world.chain, builds.forks)).toMatchObject({ exitCode: emulatorExitCodes.tickLimit });
    expect(await resultOf(world.chain, builds.fills)).not.toMatchObject({ exitCode: 0 });
  }, 900_000);
});
