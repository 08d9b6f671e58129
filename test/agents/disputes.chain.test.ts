import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAtStep } from "../../src/protocol/turn.ts";
import { AgentWorld } from "../support/agentWorld.ts";

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.start();
});
afterEach(() => world.close());

describe("a solver that lies about a state", () => {
  it.each([
    ["memory", "memory@3:1000", { tick: 3, from: 999 }],
    ["a register", "register@2:77", { tick: 2, from: 76 }],
    ["the stack", "stack@3:500", { tick: 3, from: 499 }],
    ["a global", "global@1:9", { tick: 1, from: 8 }],
    ["the result record", "record", undefined],
  ])("is refuted by the one step at which it changed %s", async (_, fault, place) => {
    await world.request(await world.source("lie"));
    const liar = await world.solver([fault]);
    const verifier = await world.verifier();
    const claim = await world.until("a refutation", ({ ledger }) =>
      [...ledger.history.claims.values()].find(({ refutation }) => refutation),
    );
    expect(claim.solver).toBe(liar.wallet.address);
    expect(claim.refutation).toMatchObject({ cause: "fault", rewarded: verifier.wallet.address });
    const { cursor } = world.ledger.history.challenges.get(claim.refutation!.challengeId)!.position;
    expect(isAtStep(cursor)).toBe(true);
    if (place !== undefined) expect(cursor).toMatchObject(place);
    expect(await verifier.stop()).toEqual({ missedDeadlines: 0, uncheckedClaims: 0 });
  });
});
