import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connect } from "../../src/chain/assay.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { MemoryLedgerStore } from "../../src/chain/ledgerStore.ts";
import { defaultRpcLimits } from "../../src/chain/rpcProvider.ts";
import { chainKeyOf } from "../../src/explorer/claimRecords.ts";
import { IndexService } from "../../src/explorer/node/indexService.ts";
import { ExplorerView } from "../../src/explorer/view.ts";
import { testTerms } from "../support/assayChain.ts";
import { answersOf, idsIn, viewedOf } from "../support/filledIndex.ts";
import { LoopTrace } from "../support/loopTrace.ts";
import { Random } from "../support/random.ts";
import { type Party, ReorganisingWorld } from "../support/reorganisingWorld.ts";
import { seed } from "../support/seed.ts";

const program = { ticks: 6, turns: 1 };
const honest = new LoopTrace(program);
const faulty = new LoopTrace(program, { tick: 2, step: 11, kind: "memory" });
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const folder = mkdtempSync(join(tmpdir(), "assay-reorganised-"));
let world: ReorganisingWorld | undefined;
let index: IndexService | undefined;
afterEach(async () => {
  await index?.close();
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("an index of a chain that reorganises (attack 91)", () => {
  it("says what a fresh reading of the chain says, after every reorganisation", async () => {
    world = await ReorganisingWorld.start(testTerms);
    const [, right, wrong, verifier] = world.accounts;
    const parties: readonly Party[] = [
      { address: right!, trace: honest, role: "solver" },
      { address: wrong!, trace: faulty, role: "solver" },
      { address: verifier!, trace: honest, role: "verifier" },
    ];
    const { chain } = world;
    const { assay, chainId } = chain.deployment;
    const key = chainKeyOf(chainId, assay);
    const { deployment } = chain;
    const limits = { ...defaultRpcLimits, pollMilliseconds: 20 };
    const chains = [{ key, name: "anvil", connect: async () => await connect(deployment, limits) }];
    index = await IndexService.start({ file: join(folder, "index.sqlite"), chains, log: quiet });
    const random = new Random(seed);
    const states = new Set<string>();
    let dropped = 0;
    for (let round = 0; round < 60; round++) {
      await world.ledger.refresh();
      const moves = [];
      for (const party of parties) {
        const found = await world.next(party);
        if (found !== undefined) moves.push({ party, call: found.call });
      }
      const move = moves[0];
      if (move === undefined) await world.skip(200);
      else await world.send(move.party.address, move.call);
      if (random.below(3) > 0) continue;
      dropped += await world.reorganise(1 + random.below(6), random.below(2) === 0);
      for (const state of await compare()) states.add(state);
    }
    expect(dropped).toBeGreaterThan(20);
    expect(states.size).toBeGreaterThan(1);

    /** @returns the states of builds that were compared. */
    async function compare(): Promise<string[]> {
      const store = new MemoryLedgerStore();
      const fresh = new Ledger(chain, { store, withHistory: false });
      for (;;) {
        await fresh.refresh();
        const view = ExplorerView.ofLogs(
          { chain: key, parameters: chain.parameters },
          await store.logs(0, Number.MAX_SAFE_INTEGER),
        );
        const ids = idsIn(view);
        const { reader } = index!;
        // The index looks every now and then.
        if (reader !== undefined && index!.chains()[0]!.head?.number === fresh.head!.number) {
          const [answers, viewed] = [answersOf(reader, ids, key), viewedOf(view, ids)];
          if (JSON.stringify(answers) === JSON.stringify(viewed) || waited++ > 200) {
            waited = 0;
            expect(answers).toEqual(viewed);
            return view.builds().map(({ state }) => state);
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  });
});

let waited = 0;
