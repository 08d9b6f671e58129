import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/chain/assay.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { SqliteLedgerStore } from "../../src/chain/node/sqliteLedgerStore.ts";
import { testTerms } from "../support/assayChain.ts";
import { startFaultyProxy } from "../support/faultyProxy.ts";
import { LoopTrace } from "../support/loopTrace.ts";
import { Random } from "../support/random.ts";
import { type Party, type Phase, ReorganisingWorld } from "../support/reorganisingWorld.ts";
import { seed } from "../support/seed.ts";

const program = { ticks: 6, turns: 1 };
const honest = new LoopTrace(program);
const faulty = new LoopTrace(program, { tick: 2, step: 11, kind: "memory" });
const phases: readonly Phase[] = [
  "commit",
  "reveal",
  "challenge",
  "answer",
  "select",
  "refute",
  "finalize",
  "return stake",
];

let world: ReorganisingWorld;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-reorganisations-"));
});
afterEach(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a chain that reorganises (attack 10)", () => {
  it.each([true, false])(
    "in every phase, up to 8 blocks deep, changes nothing about who wins (transactions come back: %s)",
    async (again) => {
      world = await ReorganisingWorld.start(testTerms);
      const [, right, wrong, verifier] = world.accounts;
      const parties: readonly Party[] = [
        { address: right!, trace: honest, role: "solver" },
        { address: wrong!, trace: faulty, role: "solver" },
        { address: verifier!, trace: honest, role: "verifier" },
      ];
      const random = new Random(seed + Number(again));
      const { provider } = world.anvil;
      const funds = await provider.getBalance(verifier!);
      const undone = new Map<Phase, number>();
      for (let round = 0; ; round++) {
        expect(round).toBeLessThan(500);
        await world.ledger.refresh();
        const build = world.ledger.history.builds.get(await honestBuild());
        const stakes = world.ledger.history.stakesOn(await honestBuild(), verifier!);
        if (build?.finalClaim !== undefined && stakes.some(({ status }) => status === "returned")) break;
        const found = await firstMove(parties);
        if (found === undefined) {
          await world.skip(testTerms.minCommitAgeSeconds);
          continue;
        }
        const { party, phase, call } = found;
        const { now } = world.ledger;
        const { status, blockNumber } = await world.send(party.address, call);
        // Anvil sometimes gives a block the second of the one before, which no chain does: the move is made again.
        if (status === 0 && (await provider.getBlock(blockNumber))!.timestamp < now) continue;
        expect(status, `${phase} of the ${party.role}`).toBe(1);
        const times = undone.get(phase) ?? 0;
        if (times >= (phase === "answer" || phase === "select" ? 4 : 2)) continue;
        undone.set(phase, times + 1);
        await world.ledger.refresh();
        await world.reorganise(1 + random.below(8), again);
        await expectSameAsFresh();
      }
      expect([...undone.keys()].sort()).toEqual([...phases].sort());
      const { history } = world.ledger;
      const claims = [...history.claims.values()];
      expect(claims.find(({ solver }) => solver.toLowerCase() === right)!.status).toBe("final");
      expect(claims.find(({ solver }) => solver.toLowerCase() === wrong)!.status).toBe("refuted");
      const owed = await world.chain.contract.owed(verifier!);
      expect((await provider.getBalance(verifier!)) + owed).toBeGreaterThan(funds);
    },
  );

  it("is believed as far as its own consensus goes, where the configuration says so", async () => {
    world = await ReorganisingWorld.start(testTerms);
    const [, , wrong] = world.accounts;
    const { call } = (await world.next({ address: wrong!, trace: faulty, role: "solver" }))!;
    await world.send(wrong!, call);
    const sent = await world.anvil.provider.getBlockNumber();
    const deployment = { ...world.chain.deployment, confirmations: "safe" as const };
    const chain = await connect(deployment);
    const ledger = new Ledger(chain);
    const safe = async () => Number((await world.anvil.provider.send("eth_getBlockByNumber", ["safe", false])).number);
    while ((await safe()) < sent) {
      await ledger.refresh();
      expect([ledger.block, ledger.history.commitments.size]).toEqual([await safe(), 0]);
      await world.anvil.provider.send("anvil_mine", ["0x8"]);
    }
    await ledger.refresh();
    expect([ledger.block, ledger.history.commitments.size]).toEqual([await safe(), 1]);
    chain.close();
    const proxy = await startFaultyProxy(world.anvil.url);
    proxy.behave(({ params }) => (params[0] === "safe" ? { change: () => null } : "pass"));
    await expect(connect({ ...deployment, rpc: proxy.url })).rejects.toMatchObject({
      code: "chain/no-block-tag",
      message: expect.stringContaining("set `confirmations` to a number of blocks"),
    });
    await proxy.close();
  });

  it("takes no move that was made for a history that is gone", async () => {
    world = await ReorganisingWorld.start(testTerms);
    const [, , wrong, verifier] = world.accounts;
    const solver: Party = { address: wrong!, trace: faulty, role: "solver" };
    const challenger: Party = { address: verifier!, trace: honest, role: "verifier" };
    const play = async (party: Party) => {
      await world.ledger.refresh();
      const { phase, call } = (await world.next(party))!;
      expect((await world.send(party.address, call)).status).toBe(1);
      return { phase, call };
    };
    await play(solver);
    await world.skip(testTerms.minCommitAgeSeconds);
    for (const party of [solver, challenger, solver]) await play(party);
    const selected = await play(challenger);
    expect(selected.phase).toBe("select");
    await world.ledger.refresh();
    const [before] = world.ledger.history.challenges.values();
    expect(await world.ledger.isStored(before!)).toBe(true);
    // Answer and selection are gone; the answer that comes instead is made at another second.
    await world.reorganise(2, false);
    await world.skip(5);
    await world.ledger.refresh();
    // What somebody still holds of it is said to be out of date, not to be invented by the server.
    expect(await world.ledger.isStored(before!)).toBeUndefined();
    const [after] = world.ledger.history.challenges.values();
    expect(await world.ledger.isStored(after!)).toBe(true);
    await play(solver);
    expect((await world.send(challenger.address, selected.call)).status).toBe(0);
    expect((await play(challenger)).phase).toBe("select");
  });
});

async function honestBuild() {
  return (await honest.tickRoots([0]))[0]!;
}

/** The first party that has something to do. */
async function firstMove(parties: readonly Party[]) {
  for (const party of parties) {
    const found = await world.next(party);
    if (found !== undefined) return { party, ...found };
  }
  return undefined;
}

/** A ledger that has followed the reorganisation knows what one knows that begins now, and so does one that was away meanwhile. */
async function expectSameAsFresh(): Promise<void> {
  await world.ledger.refresh();
  const fresh = new Ledger(world.chain);
  await fresh.refresh();
  expect(world.ledger.history).toEqual(fresh.history);
  const kept = new Ledger(world.chain, { store: new SqliteLedgerStore(join(folder, "ledger.sqlite")) });
  await kept.refresh();
  expect(kept.history).toEqual(fresh.history);
  await kept.close();
}
