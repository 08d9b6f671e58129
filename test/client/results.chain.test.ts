import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/chain/assay.ts";
import { defaultRpcLimits } from "../../src/chain/rpcEndpoints.ts";
import { resultOf, succeeded, waitFor } from "../../src/client/results.ts";
import type { Root } from "../../src/core/bytes.ts";
import { AgentWorld, type RunningDaemon } from "../support/agentWorld.ts";

let world: AgentWorld;
let buildId: Root;
let solver: RunningDaemon;
beforeAll(async () => {
  world = await AgentWorld.start();
  buildId = await world.request(await world.source("client"));
});
afterAll(() => world.close());

describe("the client library", () => {
  it("says that nothing is known about a build", async () => {
    expect(await resultOf(world.chain, buildId)).toEqual({ status: "unknown", buildId, refuted: 0 });
  });

  it("gives up waiting in time, with the last answer", async () => {
    const answers: string[] = [];
    const waiting = waitFor(world.chain, buildId, {
      timeoutSeconds: 0,
      onAnswer: ({ status }) => answers.push(status),
    });
    await expect(waiting).rejects.toMatchObject({ code: "client/timeout", details: { result: { status: "unknown" } } });
    expect(answers).toEqual(["unknown"]);
  });

  it("gives up waiting at the signal, in the middle of a pause", async () => {
    const limits = { ...defaultRpcLimits, pollMilliseconds: 2 ** 31 - 1 };
    const ending = new AbortController();
    const waiting = waitFor(await connect(world.deployment, limits), buildId, {
      timeoutSeconds: 2 ** 31,
      signal: ending.signal,
      onAnswer: () => setImmediate(() => ending.abort()),
    });
    await expect(waiting).rejects.toMatchObject({ code: "client/timeout", details: { result: { status: "unknown" } } });
  });

  it("follows a build from the first claim to its finality", async () => {
    solver = await world.solver();
    await world.until("the claim", () => world.claimOf(solver.wallet));
    expect((await resultOf(world.chain, buildId)).status).toBe("open");
    const waiting = waitFor(world.chain, buildId, { timeoutSeconds: 60 });
    await world.skip(2000);
    const final = await waiting;
    expect(final).toMatchObject({ status: "final", end: "halted", exitCode: 0, recordVersion: 1, trapCode: 0 });
    expect(final.claimId).toBe(world.claimOf(solver.wallet)!.claimId);
    expect(succeeded(final)).toBe(true);
  });

  it("does not believe a finality without the confirmations it was told to wait for", async () => {
    const patient = { ...world.chain, deployment: { ...world.deployment, confirmations: 100_000 } };
    expect((await resultOf(patient, buildId)).status).toBe("unknown");
  });
});
