import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { noneUndone } from "../../src/agents/duties.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { runAssay } from "../support/spawned.ts";

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.start();
});
afterEach(() => world.close());

/** `assay monitor --once --json`, as an operator's timer runs it. */
async function monitorOnce(args: readonly string[] = []) {
  const config = join(world.folder, "monitor.yaml");
  await writeFile(config, world.configuration("monitor"));
  const run = await runAssay(["monitor", "--once", "--json", "--config", config, ...args], { folder: world.folder });
  return { ...run, report: JSON.parse(run.stdout) };
}

it("a wrong claim that nobody disputes is an alert before it is final and after, in every process that has run the build", async () => {
  const buildId = await world.request(await world.source("wrong"));
  const wrong = await world.solver(["memory@1:1000"]);
  const claim = await world.until("the wrong claim", () => world.claimOf(wrong.wallet));
  expect(await monitorOnce()).toMatchObject({
    status: 0,
    report: { claims: [{ claim: claim.claimId, verdict: "wrong", forecast: "final", outcome: "open" }], alerts: [] },
  });

  // Neither has the money to do anything about it.
  const poor = { key: await world.wallet("0.0001") };
  const verifier = await world.verifier(poor);
  const solver = await world.solver([], { key: await world.wallet("0.0001") });
  for (const { entries } of [verifier, solver]) {
    await world.until("the run", () => entries.some(({ message }) => message === "build finished"));
  }
  await world.skip(Math.ceil((claim.windowEnd - world.ledger.now) / 2) + 10);
  const warned = await monitorOnce();
  expect(warned).toMatchObject({
    status: 9,
    report: { alerts: [{ alert: "nobody-engaged", severe: true, claim: claim.claimId, build: buildId }] },
  });
  expect(warned.report.alerts[0].secondsLeft).toBeGreaterThan(0);
  expect(warned.stderr).toContain('"alert":"nobody-engaged"');

  await world.skip(claim.windowEnd - world.ledger.now);
  await world.until("the wrong final", ({ ledger }) => ledger.history.builds.get(buildId)?.finalClaim);
  expect(await monitorOnce(["--pretty"])).toMatchObject({
    status: 9,
    stderr: expect.stringMatching(/ ERROR the own run of this build has another final root .* alert=wrong-final /),
    report: {
      claims: [{ verdict: "wrong", outcome: "final" }],
      alerts: [{ alert: "wrong-final", claim: claim.claimId, build: buildId }],
    },
  });
  for (const { entries } of [verifier, solver]) {
    await world.until("the notice", () => entries.some(({ facts }) => facts.alert === "wrong-final"));
  }
  expect(await solver.stop()).toEqual({ ...noneUndone(), wrongFinals: 1 });
  expect(await verifier.stop()).toMatchObject({ wrongFinals: 1 });
  expect(await wrong.stop()).toEqual(noneUndone());
});
