import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/agents/agent.ts";
import { type ProvenStep, provenStep } from "../../src/chain/provenStep.ts";
import type { ClaimRecord } from "../../src/chain/records.ts";
import type { Root } from "../../src/core/bytes.ts";
import { layoutOf } from "../../src/guest/environment.ts";
import { AgentWorld, type RunningDaemon } from "../support/agentWorld.ts";
import { disputeMoves } from "../support/disputeMoves.ts";
import { guestOf, makeGuestCache } from "../support/guestCache.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";

/** A tick is more than 2^26 steps here; the machine that tests run on is busy with other tests. */
const limits = { ...defaultLimits, parallelChallenges: 1 };
const patience = 600;
/** Of the build below: about 37 ticks, in which Linux boots until the 18th and tcc works from the 24th on. */
const [early, middle] = [1, 28];

describe.runIf(pinnedImageFiles())("a dispute about a Linux build", () => {
  let folder: string;
  let world: AgentWorld;
  let honest: RunningDaemon;
  let verifier: RunningDaemon;
  let layout: ReturnType<typeof layoutOf>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-guest-"));
    const cache = await makeGuestCache(folder);
    process.env.XDG_CACHE_HOME = cache.xdgCacheHome;
    layout = layoutOf(cache.manifest);
    world = await AgentWorld.start([guestOf(cache)], 1000);
    honest = await world.solver([], { limits });
    verifier = await world.verifier({ limits });
  });
  afterAll(async () => {
    await world?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** An honest claim about a build of its own. @returns the claim and the number of its last tick. */
  async function honestClaim(name: string): Promise<{ claim: ClaimRecord; last: number }> {
    const source = await world.source(name);
    await writeFile(join(source, "hello.c"), "int main(void) { return 0; }\n");
    const buildId = await world.request(source, true, {
      env: "small",
      run: "tcc -o hello hello.c && ./hello",
      out: "hello",
      set: { NAME: name },
      ticks: 200n,
    });
    const claim = await world.until("the honest claim", () => claimOn(buildId, honest), patience);
    const finished = honest.entries.find(
      ({ facts, message }) => message === "build finished" && facts.build === buildId,
    );
    return { claim, last: Number(finished!.facts.ticks) - 1 };
  }

  function claimOn(buildId: Root, { wallet }: RunningDaemon): ClaimRecord | undefined {
    return [...world.ledger.history.claims.values()].find(
      ({ fields, solver }) => fields.buildId === buildId && solver === wallet.address,
    );
  }

  function refutedClaim(buildId: Root, liar: RunningDaemon): ClaimRecord | undefined {
    const claim = claimOn(buildId, liar);
    return claim?.refutation && claim;
  }

  /** Starts all liars at once and waits for the refutation of each. @param lies `at`: the step in which it must be. */
  async function expectRefuted(
    { fields: { buildId } }: ClaimRecord,
    lies: readonly { readonly faults: readonly string[]; readonly at: Partial<ProvenStep> }[],
  ): Promise<void> {
    const liars = await Promise.all(
      lies.map(async (lie) => ({ ...lie, daemon: await world.solver(lie.faults, { limits }) })),
    );
    for (const { faults, at, daemon } of liars) {
      const wrong = await world.until(`${faults} refuted`, () => refutedClaim(buildId, daemon), patience);
      await expectFair(wrong, "fault");
      const step = await provenStep(world.chain.provider, wrong.refutation!.transaction);
      expect(step, String(faults)).toMatchObject(at);
      expect((await daemon.stop()).missedDeadlines).toBe(0);
    }
  }

  /** The verifier has its share of the bond, the rest is burned, and there were few transactions. */
  async function expectFair({ claimId, refutation }: ClaimRecord, cause: string): Promise<void> {
    const { solverBond } = world.chain.parameters;
    const share = solverBond / 2n;
    expect(refutation).toMatchObject({
      cause,
      rewarded: verifier.wallet.address,
      paid: share,
      burned: solverBond - share,
    });
    const { history } = world.ledger;
    const challenge = history.challenges.get(refutation!.challengeId)!;
    const moves = await disputeMoves(world.chain, challenge, history.claims.get(claimId)!);
    expect(moves[0]).toMatch(/^challenge/);
    expect(moves.length).toBeLessThanOrEqual(24);
  }

  async function expectFinal({ claimId, fields }: ClaimRecord): Promise<void> {
    await world.skip(2000);
    const { history } = world.ledger;
    await world.until("finality", () => history.builds.get(fields.buildId)?.finalClaim === claimId, patience);
  }

  it("is lost in the step at which a solver changed the state, in early and in middle ticks", async () => {
    const { claim } = await honestClaim("compile");
    const { ram, input } = layout;
    await expectRefuted(claim, [
      { faults: [`memory/${input.address + 70}@${early}:5000000`], at: { tick: early, step: 4_999_999 } },
      { faults: [`register@${early}:77`], at: { tick: early, step: 76 } },
      { faults: [`memory/${ram.address + 2 ** 24}@${middle}:100000`], at: { tick: middle, step: 99_999 } },
      { faults: [`stack@${middle}:500`], at: { tick: middle, step: 499 } },
      { faults: [`memory@${middle}:900`, `steps@${middle}`], at: { tick: middle } },
    ]);
    await expectFinal(claim);
  }, 900_000);

  it("is lost in the last tick, in which the emulator hashes, by a lie or by silence", async () => {
    const { claim, last } = await honestClaim("hash");
    const { output } = layout;
    await expectRefuted(claim, [
      { faults: [`memory/${output.address + 70}@${last}:20000`], at: { tick: last, step: 19_999 } },
      { faults: [`register@${last}:5000`], at: { tick: last, step: 4999 } },
      { faults: [`stack@${last}:500`], at: { tick: last, step: 499 } },
      // The emulator's globals are scratch: between ticks they are zero, and a lie in one lives on only after the last tick.
      { faults: [`global@${last}:999999999999`], at: { tick: last } },
      { faults: ["record"], at: { tick: last } },
    ]);
    const silent: RunningDaemon[] = [];
    for (const fault of ["withhold@0", "silent@2"]) {
      // Each tells another story: a second liar with the same would leave the build to the first.
      const lie = `memory/${output.address + 64 + silent.length}@${last}:1000`;
      silent.push(await world.solver([lie, fault], { limits }));
    }
    for (const liar of silent) {
      await world.until("its silence", () => liar.entries.find(({ message }) => message === "withheld"), patience);
    }
    await world.skip(world.chain.parameters.solverBudgetSeconds + 1);
    for (const liar of silent) {
      const wrong = await world.until("a time-out", () => refutedClaim(claim.fields.buildId, liar), patience);
      await expectFair(wrong, "timeout");
      expect(await liar.stop()).toEqual({ missedDeadlines: 1, uncheckedClaims: 0 });
    }
    await expectFinal(claim);
    expect(await honest.stop()).toEqual({ missedDeadlines: 0, uncheckedClaims: 0 });
    expect(await verifier.stop()).toEqual({ missedDeadlines: 0, uncheckedClaims: 0 });
  }, 900_000);
});
