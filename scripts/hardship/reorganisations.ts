import { AgentWorld } from "../../test/support/agentWorld.ts";
import { startAnvil } from "../../test/support/anvil.ts";
import type { Random } from "../../test/support/random.ts";
import { Reorganiser } from "../demo/hostile/reorganiser.ts";
import { require } from "./requirement.ts";

/**
 * One build from its request to finality on a chain that is reorganised again and again, up to eight blocks deep, where daemons
 * believe a block after two more. Transactions of the replaced blocks come back, or are dropped.
 * @returns how often.
 */
export async function playReorganisations(random: Random, most: number): Promise<number> {
  const anvil = await startAnvil(["--block-time", "1"]);
  const send = async (method: string, params: unknown[] = []) => await anvil.provider.send(method, params);
  const server = { url: anvil.url, send, close: async () => await anvil.close() };
  const world = await AgentWorld.start({ server, confirmations: 2 });
  const reorganiser = new Reorganiser(anvil.provider, await anvil.provider.getBlockNumber(), () => {});
  let looks = 0;
  /** Reorganises every few looks until something holds, and goes on to. */
  async function reorganiseUntil<T>(what: string, find: () => T | undefined | false): Promise<T> {
    let heldFrom: number | undefined;
    return await world.until(what, async () => {
      const held = find();
      const { block } = world.ledger;
      if (held === undefined || held === false) heldFrom = undefined;
      else heldFrom ??= block;
      if (heldFrom !== undefined && block > heldFrom + 10) return held;
      if (looks++ % 100 === 99 && reorganiser.count < most && heldFrom === undefined) {
        await reorganiser.reorganise(1 + random.below(8), random.below(2) === 0, "");
      }
      return undefined;
    });
  }
  try {
    await world.request(await world.source("reorganised"));
    const wrong = await world.solver(["memory@1:1000"]);
    const honest = await world.solver();
    const verifier = await world.verifier();
    await reorganiseUntil("both claims", () => world.claimOf(wrong.wallet) && world.claimOf(honest.wallet));
    await reorganiseUntil("the refutation", () => world.claimOf(wrong.wallet)?.refutation);
    const claim = world.claimOf(honest.wallet)!;
    await world.skip(Math.max(0, world.ledger.finalizableFrom(claim) - world.ledger.now));
    const build = () => world.ledger.history.builds.get(claim.fields.buildId);
    await reorganiseUntil("finality", () => build()?.finalClaim);
    await reorganiseUntil("the stake back", () => {
      const stakes = [...world.ledger.history.stakes.values()];
      return stakes.length > 0 && stakes.every(({ status }) => status === "returned");
    });
    require("the honest claim is final", build()?.finalClaim === world.claimOf(honest.wallet)?.claimId);
    const { refutation } = world.claimOf(wrong.wallet)!;
    require("the verifier has the reward", refutation?.rewarded === verifier.wallet.address);
    for (const daemon of [honest, verifier]) {
      const { missedDeadlines, uncheckedClaims } = await daemon.stop();
      require("no duty is missed", missedDeadlines + uncheckedClaims === 0);
    }
  } finally {
    await world.close();
  }
  return reorganiser.count;
}
