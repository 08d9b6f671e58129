/** Computes as a daemon does, for the build of one job. Answers its parent's requests one after the other. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultLimits } from "../../src/agents/agent.ts";
import type { FinishedBuild } from "../../src/agents/builds.ts";
import type { InjectedFault } from "../../src/agents/faults/injectedFault.ts";
import { machineFault } from "../../src/agents/faults/machineFault.ts";
import { createLog } from "../../src/agents/log.ts";
import { createMachineRunner } from "../../src/agents/machineRunner.ts";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { buildIdOf } from "../../src/environment/environment.ts";
import type { GuestManifest } from "../../src/guest/manifest.ts";
import { guestEnvironment } from "../../src/guest/node/guestEnvironment.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { peakMebibytes } from "../ownProcess.ts";
import { inputOf, type JobName } from "./jobs.ts";
import type { PartyAnswer, PartyBuild, PartyMethods, PartyRequest } from "./party.ts";

const [job, manifestText, faultTick] = process.argv.slice(2) as [JobName, string, string];
const manifest = JSON.parse(manifestText) as GuestManifest;
/** In the middle of a tick of some 10^8 steps. */
const faultStep = 40_000_000;
const environment = guestEnvironment(manifest, cacheFolder());
const stateFolder = await mkdtemp(join(tmpdir(), "bench-party-"));
const faults: InjectedFault[] = faultTick
  ? [{ kind: "memory", index: undefined, tick: Number(faultTick), step: faultStep }]
  : [];
const runner = await createMachineRunner({
  environments: [environment],
  log2Arity: 4,
  limits: defaultLimits,
  stateFolder,
  log: createLog("party", "warn"),
  machineFault: (environment, input) => machineFault(faults, environment, input),
});
let finished: FinishedBuild | undefined;
let seconds = 0;

async function build(): Promise<PartyBuild> {
  const input = inputOf(job);
  const buildId = buildIdOf(environment, input, await loadKeccakKernel());
  finished = await runner.run(buildId, manifest.id, async () => input, new AbortController().signal);
  const { finalRoot, ticks, log2Ticks, log2CheckpointTicks, checkpoints, startProof, endProof } = finished;
  return { buildId, finalRoot, ticks, log2Ticks, log2CheckpointTicks, checkpoints, startProof, endProof };
}

const methods: PartyMethods = {
  build,
  usage: async () => ({ seconds, processorSeconds: processorSeconds(), peakMebibytes: peakMebibytes() }),
  tickRoots: async (ticks) => await finished!.trace.tickRoots(ticks),
  openTick: async (tick) => await finished!.trace.openTick(tick),
  stepRoots: async (tick, steps) => await finished!.trace.stepRoots(tick, steps),
  stepWitness: async (tick, step) => await finished!.trace.stepWitness(tick, step),
};

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function answer({ method, values }: PartyRequest): Promise<PartyAnswer> {
  const started = performance.now();
  try {
    const value = await (methods[method] as (...values: unknown[]) => Promise<unknown>)(...values);
    seconds += (performance.now() - started) / 1000;
    return { value };
  } catch (error) {
    return { failure: String(error) };
  }
}

process.on("message", async (request: PartyRequest) => process.send!(await answer(request)));
process.on("SIGTERM", async () => {
  await runner.close();
  await rm(stateFolder, { recursive: true });
  process.exit(0);
});
