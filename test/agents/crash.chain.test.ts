import type { Wallet } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentWorld } from "../support/agentWorld.ts";
import { KillableDaemon } from "../support/killableDaemon.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

let world: AgentWorld;
const daemons: KillableDaemon[] = [];
beforeEach(async () => {
  world = await AgentWorld.start();
});
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.kill();
  await world.close();
});

async function killable(name: string, args: readonly string[]): Promise<KillableDaemon> {
  const daemon = await KillableDaemon.start(world, name, args);
  daemons.push(daemon);
  return daemon;
}

const commitmentOf = (wallet: Wallet) =>
  [...world.ledger.history.commitments.values()].find(({ solver }) => solver === wallet.address);

describe("a solver that is killed (attack 32)", () => {
  it("reveals the claim that the process before it committed to", async () => {
    await world.request(await world.source("commit"));
    const solver = await killable("solver", ["solver"]);
    const { claimId } = await world.until("a commitment", () => commitmentOf(solver.wallet));
    await solver.restart();
    await world.until("the same claim", () => world.ledger.history.claims.has(claimId));
    expect(world.ledger.history.claims.size).toBe(1);
    expect(await solver.stop()).toBe(0);
  });

  it("goes on defending a wrong claim as if nothing had happened, until the step decides", async () => {
    await world.request(await world.source("defend"));
    const wrongSolver = await killable("solver", ["solver", "--fault", "memory@1:1000"]);
    await world.until("the claim", () => world.claimOf(wrongSolver.wallet));
    await world.verifier();
    for (const moves of [0, 2, 4]) {
      await world.until(`move ${moves}`, () =>
        [...world.ledger.history.challenges.values()].some((one) => one.selections >= moves),
      );
      await wrongSolver.restart();
    }
    const claim = await world.until("the refutation", () => world.claimOf(wrongSolver.wallet)?.refutation);
    expect(claim.cause).toBe("fault");
    expect(await wrongSolver.stop()).toBe(0);
  });
});

describe("a verifier that is killed (attack 32)", () => {
  it("finishes each challenge that the process before it began, without a second one", async () => {
    await world.request(await world.source("verify"));
    const wrongSolver = await world.solver(["memory@1:1000"]);
    const verifier = await killable("verifier", ["verifier"]);
    for (const moves of [0, 1, 3, 5]) {
      await world.until(`move ${moves}`, () =>
        [...world.ledger.history.challenges.values()].some((one) => one.selections >= moves),
      );
      await verifier.restart();
    }
    const refutation = await world.until("the refutation", () => world.claimOf(wrongSolver.wallet)?.refutation);
    expect(refutation).toMatchObject({ cause: "fault", rewarded: verifier.wallet.address });
    expect(world.ledger.history.challenges.size).toBe(1);
    expect(await verifier.stop()).toBe(0);
  });
});

describe("both daemons killed at random instants (attack 32)", () => {
  it("still come to the end of the dispute, with one claim and one challenge", async () => {
    const random = new Random(seed);
    await world.request(await world.source("random"));
    const wrongSolver = await killable("solver", ["solver", "--fault", "memory@1:1000", "--log-level", "debug"]);
    await world.until("the claim", () => world.claimOf(wrongSolver.wallet));
    const verifier = await killable("verifier", ["verifier", "--log-level", "debug"]);
    const ended = () => world.claimOf(wrongSolver.wallet)?.refutation !== undefined;
    for (let kills = 0; kills < 8 && !ended(); kills++) {
      // A line of the log is where something has just been done or is about to be: sent, mined, restored, answered.
      const victim = random.below(2) === 0 ? wrongSolver : verifier;
      const lines = victim.lines.length + 1 + random.below(5);
      await world.until("the next victim's moment", () => ended() || victim.lines.length >= lines);
      await victim.restart();
    }
    const refutation = await world.until("the refutation", () => world.claimOf(wrongSolver.wallet)?.refutation);
    expect(refutation).toMatchObject({ cause: "fault", rewarded: verifier.wallet.address });
    expect([world.ledger.history.claims.size, world.ledger.history.challenges.size]).toEqual([1, 1]);
    await world.until("both running", () => wrongSolver.lines.length > 0 && verifier.lines.length > 0);
    expect([await wrongSolver.stop(), await verifier.stop()]).toEqual([0, 0]);
  });
});
