import type { Wallet } from "ethers";
import type { ClaimRecord } from "../../src/chain/records.ts";
import { AgentWorld } from "../../test/support/agentWorld.ts";
import { KillableDaemon } from "../../test/support/killableDaemon.ts";
import type { Random } from "../../test/support/random.ts";
import { require } from "./requirement.ts";

/**
 * One build from its request to finality: an honest solver, one that is wrong, and a verifier, each a process that is killed
 * again and again at random moments.
 * @returns how often.
 */
export async function playKills(random: Random, most: number): Promise<number> {
  const world = await AgentWorld.start();
  const daemons: KillableDaemon[] = [];
  const start = async (name: string, args: readonly string[]) => {
    const daemon = await KillableDaemon.start(world, name, [...args, "--log-level", "debug"]);
    daemons.push(daemon);
    return daemon;
  };
  let kills = 0;
  /** Kills somebody each time that the victim has said some more, until something holds. */
  async function killUntil<T>(what: string, find: () => T | undefined | false): Promise<T> {
    for (;;) {
      const victim = daemons[random.below(daemons.length)]!;
      const lines = victim.lines.length + 1 + random.below(8);
      let held: T | undefined | false;
      await world.until(what, () => {
        held = find();
        return (held !== undefined && held !== false) || victim.lines.length >= lines;
      });
      if (held !== undefined && held !== false) return held;
      if (kills >= most) return await world.until(what, find);
      // Anywhere between that line and the next.
      await new Promise((resolve) => setTimeout(resolve, random.below(400)));
      await victim.restart();
      kills++;
    }
  }
  try {
    await world.request(await world.source("kills"));
    const wrong = await start("wrong", ["solver", "--no-challenge", "--fault", "memory@1:1000"]);
    const honest = await start("honest", ["solver", "--no-challenge"]);
    const verifier = await start("verifier", ["verifier"]);
    const claimOf = (wallet: Wallet): ClaimRecord | undefined => world.claimOf(wallet);
    await killUntil("both claims", () => claimOf(wrong.wallet) && claimOf(honest.wallet));
    const refutation = await killUntil("the refutation", () => claimOf(wrong.wallet)!.refutation);
    const claim = claimOf(honest.wallet)!;
    await world.skip(Math.max(0, world.ledger.finalizableFrom(claim) - world.ledger.now));
    const build = () => world.ledger.history.builds.get(claim.fields.buildId)!;
    const final = await killUntil("finality", () => build().finalClaim);
    await killUntil("the stake back", () =>
      [...world.ledger.history.stakes.values()].every(({ status }) => status === "returned"),
    );
    require("the wrong claim falls by a step", refutation.cause === "fault");
    require("the verifier has the reward", refutation.rewarded === verifier.wallet.address);
    require("the honest claim is final", final === claim.claimId);
    require("no claim is made twice", world.ledger.history.claims.size === 2);
    require("no challenge is made twice", world.ledger.history.challenges.size === 1);
    require("no stake is paid twice", world.ledger.history.stakes.size === 1);
    await world.until("all running", () => daemons.every(({ lines }) => lines.some(({ msg }) => msg === "started")));
    for (const daemon of daemons) {
      const status = await daemon.stop();
      const errors = daemon.lines.filter(({ level }) => level === "error").map((line) => JSON.stringify(line));
      // What has become final is wrong in the eyes of who has run something else.
      if (daemon === wrong) continue;
      require(`exit status 0, not ${status}: ${errors.join("\n")}`, status === 0);
    }
  } finally {
    for (const daemon of daemons) await daemon.kill();
    await world.close();
  }
  return kills;
}
