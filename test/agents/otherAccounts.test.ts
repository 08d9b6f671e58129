import { getAddress } from "ethers";
import { describe, expect, it } from "vitest";
import { checkOtherAccounts, type OtherAccount } from "../../src/agents/otherAccounts.ts";
import { toyBuild } from "../support/fakeBuilds.ts";
import { FakeWorld, solverAddress, stranger } from "../support/fakeWorld.ts";

const other = (change: Partial<OtherAccount> = {}) => ({ address: solverAddress, lastNonce: undefined, ...change });

/** Looks in the name of a stranger's daemon. @param mined how many transactions of the other account are confirmed. */
async function check(world: FakeWorld, others: readonly OtherAccount[], mined = 0): Promise<void> {
  const { ledger } = world.verifier();
  await ledger.refresh();
  const provider = { getTransactionCount: async () => mined };
  const own = { address: getAddress(stranger), stateFolder: "state" };
  await checkOtherAccounts(ledger, world.parameters, provider, others, own);
}

describe("a state directory that has served another account", () => {
  it("is refused to a new key while that one has a claim, with what is open and when a move is due", async () => {
    const world = new FakeWorld();
    const claim = await world.claim(solverAddress, toyBuild(1));
    await expect(check(world, [other()])).rejects.toMatchObject({
      code: "agents/other-account",
      details: { other: getAddress(solverAddress), open: ["1 open claim"] },
    });
    await world.challenge(stranger, claim);
    await expect(check(world, [other()])).rejects.toThrow(
      /has 1 open claim on this chain, and has to answer within \d+ s/,
    );
  });

  it("is refused while something that it has sent is not confirmed", async () => {
    const world = new FakeWorld();
    await expect(check(world, [other({ lastNonce: 4 })], 4)).rejects.toThrow(/transactions that are not confirmed/);
    await check(world, [other({ lastNonce: 4 })], 5);
  });

  it("is given to a new key when nothing of the other is open", async () => {
    const world = new FakeWorld();
    await world.claim(stranger, toyBuild(1));
    await check(world, [other()]);
    await check(world, []);
  });
});
