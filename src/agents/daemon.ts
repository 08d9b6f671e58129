import { join } from "node:path";
import type { Wallet } from "ethers";
import { type AssayChain, createAssaySender } from "../chain/assay.ts";
import type { FeePolicy, SenderEvent } from "../chain/sender.ts";
import type { RunnableEnvironment } from "../environment/runnable.ts";
import { directoryStore, sweepTemporaryFiles } from "../store/node/directoryStore.ts";
import { Agent, type AgentLimits } from "./agent.ts";
import { Builds } from "./builds.ts";
import { Claimant } from "./claimant.ts";
import { checkFaultsAllowed, type InjectedFault, withholdFor } from "./fault.ts";
import { takeLock } from "./lockFile.ts";
import type { Log } from "./log.ts";
import { type Duties, runLoop } from "./loop.ts";
import { createMachineRunner } from "./machineRunner.ts";
import { Solver } from "./solver.ts";
import { Verifier } from "./verifier.ts";

export interface DaemonOptions {
  readonly chain: AssayChain;
  readonly key: Wallet;
  readonly fees: FeePolicy;
  readonly storeFolder: string;
  readonly stateFolder: string;
  readonly environments: readonly RunnableEnvironment[];
  readonly limits: AgentLimits;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Ends when there is nothing left to do, instead of waiting for more. */
  readonly untilIdle: boolean;
  /** What goes wrong on purpose; on local chains only. */
  readonly faults?: readonly InjectedFault[];
}

export interface SolverDaemonOptions extends DaemonOptions {
  readonly challengeContradictions: boolean;
}

/** Runs a solver until the signal. @returns what it could not do. */
export async function runSolver(options: SolverDaemonOptions): Promise<Duties> {
  return await runDaemon(options, (agent, builds) => {
    const claimant = new Claimant(agent, options.key.privateKey);
    const solver = new Solver(agent, builds, claimant, {
      challengeContradictions: options.challengeContradictions,
      withhold: withholdFor(options.faults ?? []),
    });
    return async () => await solver.round();
  });
}

/** Runs a verifier until the signal. @returns what it could not do. */
export async function runVerifier(options: DaemonOptions): Promise<Duties> {
  return await runDaemon(options, (agent, builds) => {
    const verifier = new Verifier(agent, builds);
    return async () => await verifier.round();
  });
}

type MakeRound = (agent: Agent, builds: Builds) => () => ReturnType<Solver["round"]>;

async function runDaemon(options: DaemonOptions, makeRound: MakeRound): Promise<Duties> {
  const { chain, key, log, signal, stateFolder, storeFolder, limits, faults = [] } = options;
  checkFaultsAllowed(chain.deployment.chainId, faults);
  const lock = takeLock(stateFolder);
  try {
    await sweepTemporaryFiles(join(stateFolder));
    const store = directoryStore(storeFolder, {
      onCorrupt: (id, file) => log.warn({ id, file }, "the store held damaged content; it has been put aside"),
    });
    const sender = await createAssaySender(chain, key, options.fees, (event) => noteSending(log, event), signal);
    const agent = new Agent(chain, sender, store, limits, log);
    agent.startBlock = await chain.provider.getBlockNumber();
    const runner = await createMachineRunner({
      environments: options.environments,
      log2Arity: chain.parameters.log2Arity,
      limits,
      stateFolder,
      log,
      faults,
      onProgress: (build, { ticks, seconds }) => log.debug({ build, ticks, seconds }, "running"),
    });
    const builds = new Builds(store, runner, limits, log, signal);
    const { assay, chainId } = chain.deployment;
    const { stepVerifier } = chain;
    log.info({ address: sender.address, assay, chainId, stepVerifier, block: agent.startBlock }, "started");
    try {
      const round = makeRound(agent, builds);
      await runLoop(
        { log, signal, pollMilliseconds: chain.provider.limits.pollMilliseconds, untilIdle: options.untilIdle },
        round,
      );
    } finally {
      await builds.close();
    }
    log.info({ ...agent.duties }, "stopped");
    return agent.duties;
  } finally {
    lock.release();
  }
}

function noteSending(log: Log, { kind, ...facts }: SenderEvent): void {
  if (kind === "sent") log.debug(facts, "transaction sent");
  else if (kind === "refilled")
    log.warn(facts, "a reorganisation dropped a transaction below one that waits: sent again");
  else if (kind === "replaced") log.warn(facts, "transaction was stuck: replaced with higher fees");
  else log.error(facts, "transaction is stuck and the fee cap allows no more");
}
