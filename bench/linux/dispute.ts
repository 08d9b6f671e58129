/**
 * A verifier refutes a wrong claim about a job: both parties compute as their daemons do and decide by the game logic, on an
 * in-process chain with the real contracts. Each is a process of its own, so that time and peak memory are known.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readLock } from "../../scripts/guest/lock.ts";
import type { GuestManifest, GuestSettings } from "../../src/guest/manifest.ts";
import { layoutOf, makeManifest } from "../../src/guest/startMemory.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { assessClaim } from "../../src/protocol/assessClaim.ts";
import { testTerms } from "../../test/support/assayChain.ts";
import type { Call } from "../../test/support/game/calls.ts";
import { bookChallenger } from "../../test/support/game/challengerStrategies.ts";
import { ContractChain } from "../../test/support/game/contractChain.ts";
import { machineModel } from "../../test/support/game/machineModel.ts";
import { playGame } from "../../test/support/game/playGame.ts";
import { bookSolver } from "../../test/support/game/solverStrategies.ts";
import { TwinChain } from "../../test/support/game/twinChain.ts";
import { fieldsOf } from "../../test/support/game/world.ts";
import { loadEnvironment } from "../../test/support/guestRun.ts";
import { type Figure, median } from "../figure.ts";
import { inOwnProcess } from "../ownProcess.ts";
import type { BareRun } from "./bareProcess.ts";
import { type Job, type JobName, jobOf } from "./jobs.ts";
import { Party, type PartyBuild, type PartyUsage } from "./party.ts";

const bareProcess = new URL("./bareProcess.ts", import.meta.url);
const mebibyte = 2 ** 20;
/** Where in the run the fault is. */
const faultAt = 0.4;
/** What a party may need besides the memory of its machine. */
const allowance = 512;

export async function measureDispute(job: JobName = "gcc"): Promise<Figure[]> {
  const manifest = await manifestOf(jobOf(job).environment);
  const bareRun = async () => await inOwnProcess<BareRun>(bareProcess, job);
  const first = await bareRun();
  const [solver, verifier] = [new Party(job, manifest, Math.floor(faultAt * first.ticks)), new Party(job, manifest)];
  try {
    const [wrong, truth] = [await solver.build(), await verifier.build()];
    const solving = [await solver.usage(), await verifier.usage()];
    const moves = await play(solver, wrong, verifier, truth);
    const all = [await solver.usage(), await verifier.usage()];
    const buildSeconds = median([first.seconds, (await bareRun()).seconds]);
    console.log(`linux: ${job}: bare ${buildSeconds.toFixed(1)} s`);
    for (const [i, name] of ["solver", "verifier"].entries()) {
      console.log(`  ${name}: run ${inWords(solving[i]!)}; with the dispute ${inWords(all[i]!)}`);
    }
    for (const { kind, gas } of moves) console.log(`  ${kind.padEnd(16)}${gas.toLocaleString("en").padStart(10)} gas`);
    return figuresOf(manifest, buildSeconds, moves, {
      seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
      solving: Math.max(...solving.map(({ peakMebibytes }) => peakMebibytes)),
      disputing: Math.max(...all.map(({ peakMebibytes }) => peakMebibytes)),
    });
  } finally {
    solver.close();
    verifier.close();
  }
}

function figuresOf(
  manifest: GuestManifest,
  buildSeconds: number,
  moves: readonly PlayedMove[],
  { seconds, solving, disputing }: { readonly seconds: number; readonly solving: number; readonly disputing: number },
): Figure[] {
  const { guestSize } = layoutOf(manifest);
  const most = guestSize / mebibyte + allowance;
  const lower = { better: "lower" } as const;
  const gas = moves.reduce((sum, move) => sum + move.gas, 0);
  return [
    { name: "linux.buildSeconds", value: buildSeconds, unit: "s", target: 39, ...lower },
    { name: "linux.disputeSeconds", value: seconds, unit: "s", target: 3 * buildSeconds + 30, ...lower },
    { name: "linux.disputeTransactions", value: moves.length, unit: "transactions", target: 24, ...lower },
    { name: "linux.disputeGas", value: gas, unit: "gas", target: 1_300_000, ...lower },
    { name: "linux.peakMemory", value: solving, unit: "MiB", target: most, ...lower },
    { name: "linux.peakMemoryInDispute", value: disputing, unit: "MiB", target: 2 * most, ...lower },
  ];
}

function inWords({ seconds, processorSeconds, peakMebibytes }: PartyUsage): string {
  return `${seconds.toFixed(1)} s (${processorSeconds.toFixed(1)} s of processor), ${peakMebibytes.toFixed(0)} MiB`;
}

interface PlayedMove {
  readonly kind: string;
  readonly gas: number;
}

/** From the challenge to the refutation. */
async function play(solver: Party, wrong: PartyBuild, verifier: Party, truth: PartyBuild): Promise<PlayedMove[]> {
  if (wrong.buildId !== truth.buildId || wrong.finalRoot === truth.finalRoot)
    throw new Error("there is nothing to dispute");
  const chain = await ContractChain.start({ ...testTerms, log2Arity: 4, tickAllowanceMicroseconds: 1 }, 2);
  const [claimed, own] = [solver.traceOf(wrong), verifier.traceOf(truth)];
  const { log2Ticks, log2CheckpointTicks } = wrong;
  const fields = await fieldsOf(claimed, log2Ticks, log2CheckpointTicks);
  const assessment = await assessClaim(fields, own, { roots: wrong.checkpoints });
  if (assessment.verdict === "right") throw new Error("the verifier takes the wrong claim for right");
  const [solverParty, verifierParty] = chain.parties as [`0x${string}`, `0x${string}`];
  const moves: PlayedMove[] = [];
  const report = await playGame(recorded(new TwinChain(chain, machineModel), moves), {
    claims: [
      {
        ...{ party: solverParty, honest: false, right: false, trace: claimed, strategy: bookSolver(claimed) },
        ...{ log2Ticks, log2CheckpointTicks, revealAfter: 0 },
      },
    ],
    challenges: [
      {
        ...{ party: verifierParty, honest: true, claim: 0, strategy: bookChallenger(own) },
        ...{ after: 100, start: assessment.start },
      },
    ],
  });
  if (report.claims[0]?.status !== "refuted") throw new Error(`the wrong claim is ${report.claims[0]?.status}`);
  return moves;
}

/** Notes the gas of each call of the dispute. */
function recorded(chain: TwinChain, moves: PlayedMove[]): TwinChain {
  const send = async (...given: Parameters<TwinChain["send"]>) => {
    const outcome = await chain.send(...given);
    const kind = nameOf(given[1]);
    if (kind === undefined) return outcome;
    if (!outcome.ok) throw new Error(`${kind} reverted: ${outcome.error}`);
    const block = await chain.contracts.ethers.provider.getBlock("latest");
    moves.push({ kind, gas: Number(block!.gasUsed) });
    return outcome;
  };
  return new Proxy(chain, {
    get(target, name) {
      if (name === "send") return send;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function nameOf(call: Call): string | undefined {
  if (call.kind === "challenge") return call.kind;
  return call.kind === "move" && call.move.kind !== "closeChallenge" ? call.move.kind : undefined;
}

/** The environment as the emulator of this checkout makes it, whatever the cache says. */
async function manifestOf(environment: Job["environment"]): Promise<GuestManifest> {
  const { settings, images, binary } = loadEnvironment(environment);
  const emulator = await readFile(new URL("../../build/wasm/emulator.wasm", import.meta.url));
  const pinned = readLock().images;
  const complete: GuestSettings = {
    ...settings,
    program: { name: "emulator", sha256: `0x${createHash("sha256").update(emulator).digest("hex")}` },
    images: {
      kernel: { ...settings.images.kernel, sha256: `0x${pinned.kernel}` },
      root: { ...settings.images.root, sha256: `0x${pinned[environment]}` },
    },
  };
  return makeManifest(complete, loadClaimable(binary), images, await loadKeccakKernel());
}
