import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/agents/agent.ts";
import { noneUndone } from "../../src/agents/duties.ts";
import { identifyBuild } from "../../src/build/node/identifyBuild.ts";
import { type ProvenStep, provenStep } from "../../src/chain/provenStep.ts";
import type { ClaimRecord } from "../../src/chain/records.ts";
import type { Root } from "../../src/core/bytes.ts";
import type { BuildCommand } from "../../src/environment/runnable.ts";
import { layoutOf } from "../../src/guest/startMemory.ts";
import type { AgentWorld, RunningDaemon } from "../support/agentWorld.ts";
import { disputeMoves } from "../support/disputeMoves.ts";
import { stepsToGlobalSet } from "../support/globalPlace.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";
import { type GuestWorld, startGuestWorld } from "../support/guestWorld.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

/** A tick is more than 2^26 steps here; the machine that tests run on is busy with other tests. */
const limits = { ...defaultLimits, parallelChallenges: 1 };
const patience = 1200;
/** A wrong solver can join the round for so long: longer than a test takes anywhere, and than those who are silent have time to think. */
const joinSeconds = 100_000;
/** That many run at once. */
const solversAtOnce = 3;
/** Of the compiling build: about 26 ticks, in which Linux boots until the 14th and tcc works from the 17th on. */
const [early, middle] = [1, 20];
/** The emulator's global in which an instruction count waits for its reader. */
const retired = 3;

const compiling = { command: "tcc -o hello hello.c && ./hello", outputs: ["hello"], tickLimit: 200n };
const endless = { command: "while :; do :; done", outputs: ["hello"], tickLimit: 40n };

const places = ["early", "middle", "last"] as const;
type PlaceName = (typeof places)[number];
const kinds = ["register", "stack", "global", "steps", "withhold", "silent"] as const;
/** Each kind of wrong claim is tried in one place, two in each, as the seed has it; `ASSAY_DISPUTES=all` tries all in each. */
const firstPlace = new Random(seed).below(places.length);
function kindsIn(place: PlaceName): readonly (typeof kinds)[number][] {
  if (process.env.ASSAY_DISPUTES === "all") return kinds;
  return kinds.filter((_, i) => places[(firstPlace + i) % places.length] === place);
}

/** What a solver does wrong, and the step in which it must be found out; undefined: it stops answering. */
interface WrongClaim {
  readonly faults: readonly string[];
  readonly at?: Partial<ProvenStep>;
}

interface WrongSolver extends WrongClaim {
  readonly daemon: RunningDaemon;
}

interface Place {
  readonly name: PlaceName;
  readonly tick: number;
  readonly input: Uint8Array;
}

interface HonestClaim {
  readonly claim: ClaimRecord;
  readonly input: Uint8Array;
  /** Number of its last tick. */
  readonly last: number;
}

describe.runIf(pinnedImageFiles())("a dispute about a Linux build", () => {
  let guestWorld: GuestWorld;
  let world: AgentWorld;
  let honest: RunningDaemon;
  let verifier: RunningDaemon;
  let layout: ReturnType<typeof layoutOf>;
  beforeAll(async () => {
    guestWorld = await startGuestWorld({ blockMilliseconds: 1000, terms: { baseWindowSeconds: joinSeconds } });
    world = guestWorld.world;
    layout = layoutOf(guestWorld.manifest);
    honest = await world.solver([], { limits });
    verifier = await world.verifier({ limits });
  });
  afterAll(async () => await guestWorld?.close());

  /** An honest claim about a build of its own. */
  async function honestClaim(name: string, command: BuildCommand): Promise<HonestClaim> {
    const source = await world.source(name);
    await writeFile(join(source, "hello.c"), "int main(void) { return 0; }\n");
    const build = { environment: "small", command: { ...command, variables: { NAME: name } } };
    const { drive } = await identifyBuild({ source, ...build });
    const buildId = await world.request(source, { build });
    const claim = await world.until("the honest claim", () => claimOn(buildId, honest), patience);
    const finished = honest.entries.find(
      ({ facts, message }) => message === "build finished" && facts.build === buildId,
    );
    return { claim, input: drive, last: Number(finished!.facts.ticks) - 1 };
  }

  function claimOn(buildId: Root, { wallet }: RunningDaemon): ClaimRecord | undefined {
    return [...world.ledger.history.claims.values()].find(
      ({ fields, solver }) => fields.buildId === buildId && solver === wallet.address,
    );
  }

  function refutedClaim(buildId: Root, wrongSolver: RunningDaemon): ClaimRecord | undefined {
    const claim = claimOn(buildId, wrongSolver);
    return claim?.refutation && claim;
  }

  /** Wrong claims of this place's kinds, a wrong byte of the memory in each place, no two of them equal: a second solver with the same one would leave the build to the first. */
  function faultsIn({ name, tick, input }: Place): WrongClaim[] {
    const flip = (byte: number) => `memory/${layout.input.address + byte}@${tick}:1000`;
    const memory = {
      early: { address: layout.input.address + 70, step: 5_000_000 },
      middle: { address: layout.ram.address + 2 ** 24, step: 100_000 },
      last: { address: layout.output.address + 70, step: 20_000 },
    }[name];
    const wrongClaims: Readonly<Record<(typeof kinds)[number], () => WrongClaim>> = {
      register: () => ({ faults: [`register@${tick}:77`], at: { tick, step: 76 } }),
      stack: () => ({ faults: [`stack@${tick}:500`], at: { tick, step: 499 } }),
      global() {
        // The last tick uses no global: what one holds at its end is never cleared.
        if (name === "last") return { faults: [`global@${tick}:999999999999`], at: { tick } };
        const written = stepsToGlobalSet(input, tick, retired);
        return { faults: [`global/${retired}@${tick}:${written}`], at: { tick, step: written - 1 } };
      },
      steps: () => ({ faults: [flip(71), `steps@${tick}`], at: { tick } }),
      withhold: () => ({ faults: [flip(72), "withhold@0"] }),
      silent: () => ({ faults: [flip(73), "silent@2"] }),
    };
    return [
      { faults: [`memory/${memory.address}@${tick}:${memory.step}`], at: { tick, step: memory.step - 1 } },
      ...kindsIn(name).map((kind) => wrongClaims[kind]()),
      ...(name === "last" ? [{ faults: ["record"], at: { tick } }] : []),
    ];
  }

  /** Starts wrong solvers, a few at a time, and waits for the refutation of each. */
  async function expectRefuted(buildId: Root, wrongClaims: readonly WrongClaim[]): Promise<void> {
    for (let first = 0; first < wrongClaims.length; first += solversAtOnce) {
      const wrongSolvers = await Promise.all(
        wrongClaims
          .slice(first, first + solversAtOnce)
          .map(async (wrong) => ({ ...wrong, daemon: await world.solver(wrong.faults, { limits }) })),
      );
      try {
        for (const wrongSolver of wrongSolvers)
          if (wrongSolver.at !== undefined) await expectFault(buildId, wrongSolver);
        await expectTimeouts(
          buildId,
          wrongSolvers.filter(({ at }) => at === undefined),
        );
      } finally {
        for (const { daemon } of wrongSolvers) await daemon.stop();
      }
    }
  }

  /** The contract has executed the step in which it went wrong. */
  async function expectFault(buildId: Root, { faults, at, daemon }: WrongSolver): Promise<void> {
    const wrong = await world.until(`${faults} refuted`, () => refutedClaim(buildId, daemon), patience);
    await expectFair(wrong, "fault");
    const step = await provenStep(world.chain.provider, wrong.refutation!.transaction);
    expect(step, String(faults)).toMatchObject(at!);
    expect((await daemon.stop()).missedDeadlines).toBe(0);
  }

  /** They stop answering, which loses nothing yet; their time passes, and each has missed one deadline. */
  async function expectTimeouts(buildId: Root, wrongSolvers: readonly WrongSolver[]): Promise<void> {
    if (wrongSolvers.length === 0) return;
    for (const { faults, daemon } of wrongSolvers) {
      const withheld = () => daemon.entries.find(({ message }) => message === "withheld");
      await world.until(`${faults} silent`, withheld, patience);
      expect(refutedClaim(buildId, daemon), String(faults)).toBeUndefined();
    }
    await world.skip(world.chain.parameters.solverBudgetSeconds + 1);
    for (const { faults, daemon } of wrongSolvers) {
      const wrong = await world.until(`${faults} timed out`, () => refutedClaim(buildId, daemon), patience);
      await expectFair(wrong, "timeout");
      const missed = () => daemon.entries.find(({ message }) => /deadline was missed/.test(message));
      await world.until(`${faults} noticed`, missed, patience);
      expect(await daemon.stop()).toEqual({ ...noneUndone(), missedDeadlines: 1 });
    }
  }

  /** The verifier has its share of the bond, the rest is burned, and there were few transactions. */
  async function expectFair({ refutation }: ClaimRecord, cause: string): Promise<void> {
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
    const moves = await disputeMoves(world.chain, challenge);
    expect(moves[0]).toMatch(/^challenge/);
    expect(moves.length).toBeLessThanOrEqual(24);
  }

  /** Nobody has challenged it, and it becomes final. */
  async function expectFinal({ claimId, fields }: ClaimRecord): Promise<void> {
    await world.skip(joinSeconds + 1000);
    const { history } = world.ledger;
    await world.until("finality", () => history.builds.get(fields.buildId)?.finalClaim === claimId, patience);
    expect(history.challengesTo(claimId)).toEqual([]);
  }

  it.each(places)(
    "is lost by wrong claims in a tick that is %s",
    async (name) => {
      const { claim, input, last } = await honestClaim(name, compiling);
      const tick = { early, middle, last }[name];
      await expectRefuted(claim.fields.buildId, faultsIn({ name, tick, input }));
      await expectFinal(claim);
    },
    3_600_000,
  );

  it("is lost by a wrong record in an early and a middle tick of a build without an artifact", async () => {
    // Where there is an artifact, the record is written over at the end: `healingFaults.test.ts`.
    const { claim } = await honestClaim("endless", endless);
    expect(claim.fields.log2Ticks).toBe(6);
    await expectRefuted(claim.fields.buildId, [
      { faults: [`memory/24@${early}:9000`], at: { tick: early, step: 8999 } },
      { faults: [`memory/25@${middle}:9000`], at: { tick: middle, step: 8999 } },
    ]);
    await expectFinal(claim);
  }, 3_600_000);

  it("costs those who were right nothing", async () => {
    expect(await honest.stop()).toEqual(noneUndone());
    expect(await verifier.stop()).toEqual(noneUndone());
  });
});
