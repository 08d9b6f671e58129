import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuildRequest, identifyBuild } from "../../src/build/node/identifyBuild.ts";
import type { Root } from "../../src/core/bytes.ts";
import type { AgentWorld } from "../support/agentWorld.ts";
import { pinnedImageFiles, runInput } from "../support/guestRun.ts";
import { type GuestWorld, startGuestWorld } from "../support/guestWorld.ts";
import { KillableDaemon } from "../support/killableDaemon.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const patience = 600;
/** Prints for some hundred ticks, so that a process can be killed while the build runs. */
const build: Omit<BuildRequest, "source"> = {
  environment: "small",
  command: {
    command: "i=0; while [ $i -lt 200 ]; do i=$((i+1)); seq 1 500; done; tcc -o hello hello.c && ./hello",
    outputs: ["hello"],
    tickLimit: 2000n,
  },
};

describe.runIf(pinnedImageFiles())("daemons that are killed during a Linux build and its dispute (attack 32)", () => {
  let guestWorld: GuestWorld;
  let world: AgentWorld;
  const daemons: KillableDaemon[] = [];
  beforeAll(async () => {
    // The wrong solver can join the round however long the solver's restarts take.
    guestWorld = await startGuestWorld({ blockMilliseconds: 1000, terms: { baseWindowSeconds: 100_000 } });
    world = guestWorld.world;
  });
  afterAll(async () => {
    for (const daemon of daemons) await daemon.kill();
    await guestWorld?.close();
  });

  async function killable(name: string, args: readonly string[]): Promise<KillableDaemon> {
    const limits = "openBuilds: 1, parallelChallenges: 1";
    const daemon = await KillableDaemon.start(world, name, [...args, "--log-level", "debug"], limits);
    daemons.push(daemon);
    return daemon;
  }

  it("come to the same claim and the end of the dispute, with no move twice and the console's log whole", async () => {
    const random = new Random(seed);
    const source = await world.source("crash");
    await writeFile(join(source, "hello.c"), "int main(void) { return 0; }\n");
    const { drive } = await identifyBuild({ source, ...build });
    const printed = runInput(drive).console;
    const buildId: Root = await world.request(source, { build });

    const solver = await killable("solver", ["solver", "--no-challenge"]);
    await world.until("the build to run", () => solver.said("build started"), patience);
    await solver.restart();
    const lines = random.below(3);
    await world.until(
      "a moment in the build",
      () => solver.said("build started") && solver.lines.length > 2 + lines,
      patience,
    );
    await solver.restart();
    const commitment = await world.until(
      "a commitment",
      ({ ledger }) => [...ledger.history.commitments.values()].find((one) => one.solver === solver.wallet.address),
      patience,
    );
    await solver.restart();
    const claim = await world.until("the claim", () => world.claimOf(solver.wallet), patience);
    expect(claim.claimId).toBe(commitment.claimId);
    const logOf = async (name: string, folderName: string) =>
      (await readFile(join(world.stateFolder(name), "builds", folderName, "console.log"), "utf8")).replaceAll(
        "\r\n",
        "\n",
      );
    expect(await logOf("solver", buildId)).toBe(printed);

    const wrongSolver = await killable("wrong", ["solver", "--no-challenge", "--fault", "memory@30:1000"]);
    const wrong = await world.until("the wrong claim", () => world.claimOf(wrongSolver.wallet), patience);
    const verifier = await killable("verifier", ["verifier"]);
    await world.until("the verifier's build to run", () => verifier.said("build started"), patience);
    await verifier.restart();
    for (const moves of [1, 2 + random.below(3), 6 + random.below(4)]) {
      const reached = () =>
        world.claimOf(wrongSolver.wallet)?.refutation !== undefined ||
        [...world.ledger.history.challenges.values()].some((challenge) => challenge.selections >= moves);
      await world.until(`move ${moves}`, reached, patience);
      if (moves === 1) expect(await logOf("verifier", buildId)).toBe(printed);
      await (random.below(2) === 0 ? wrongSolver : verifier).restart();
    }
    const { refutation } = await world.until(
      "the refutation",
      () => world.claimOf(wrongSolver.wallet)?.refutation && world.claimOf(wrongSolver.wallet),
      patience,
    );
    expect(refutation).toMatchObject({ cause: "fault", rewarded: verifier.wallet.address });
    const { claims, challenges } = world.ledger.history;
    expect([...claims.keys()].sort()).toEqual([claim.claimId, wrong.claimId].sort());
    expect(challenges.size).toBe(1);
    expect([await solver.stop(), await wrongSolver.stop(), await verifier.stop()]).toEqual([0, 0, 0]);
  }, 1_800_000);
});
