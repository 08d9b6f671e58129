import { join } from "node:path";
import type { AbstractSigner } from "ethers";
import type { AssayChain } from "../chain/assay.ts";
import type { FeePolicy } from "../chain/outbox/call.ts";
import type { RunnableEnvironment } from "../environment/runnable.ts";
import { sweepTemporaryFiles } from "../store/node/directoryStore.ts";
import { Agent, type AgentLimits } from "./agent.ts";
import { Builds } from "./builds.ts";
import { Claimant } from "./claimant.ts";
import { openDaemonStore } from "./daemonStore.ts";
import type { Duties } from "./duties.ts";
import { checkFaultsAllowed, type InjectedFault, withholdFor } from "./fault.ts";
import { takeLock } from "./lockFile.ts";
import type { Log } from "./log.ts";
import { runLoop } from "./loop.ts";
import { createMachineRunner } from "./machineRunner.ts";
import { agentSnapshot, openObservation, type ServeMetrics } from "./observation.ts";
import { openPorts } from "./openPorts.ts";
import { saltSecretIn } from "./saltFile.ts";
import { Solver } from "./solver.ts";
import { Verifier } from "./verifier.ts";

export interface DaemonOptions {
  readonly chain: AssayChain;
  readonly key: AbstractSigner;
  readonly fees: FeePolicy;
  readonly storeFolder: string;
  /** Addresses of stores that are read by HTTP when the folder does not have something. */
  readonly mirrors?: readonly string[];
  readonly stateFolder: string;
  readonly environments: readonly RunnableEnvironment[];
  readonly limits: AgentLimits;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Ends when there is nothing left to do, instead of waiting for more. */
  readonly untilIdle: boolean;
  /** A newest block older than this is worth a warning; 0, the default: none is. */
  readonly headAgeSeconds?: number;
  /** Where metrics and health are served; nowhere if undefined. */
  readonly metrics?: ServeMetrics | undefined;
  /** What goes wrong on purpose; on local chains only. */
  readonly faults?: readonly InjectedFault[];
}

export interface SolverDaemonOptions extends DaemonOptions {
  readonly challengeContradictions: boolean;
  /** What the salts of claims are derived from (`saltOf`); undefined where it is to be kept in the state directory. */
  readonly saltSecret?: string | undefined;
}

/** Runs a solver until the signal. @returns what it could not do. */
export async function runSolver(options: SolverDaemonOptions): Promise<Duties> {
  return await runDaemon("solver", options, (agent, builds) => {
    const secret = options.saltSecret ?? saltSecretIn(options.stateFolder, (file) => sayCreated(options.log, file));
    const claimant = new Claimant(agent, secret);
    const solver = new Solver(agent, builds, claimant, {
      challengeContradictions: options.challengeContradictions,
      withhold: withholdFor(options.faults ?? []),
    });
    return async () => await solver.round();
  });
}

/** Runs a verifier until the signal. @returns what it could not do. */
export async function runVerifier(options: DaemonOptions): Promise<Duties> {
  return await runDaemon("verifier", options, (agent, builds) => {
    const verifier = new Verifier(agent, builds);
    return async () => await verifier.round();
  });
}

function sayCreated(log: Log, file: string): void {
  log.warn(
    { file },
    "the secret of the claims' salts has been made: keep a copy, losing it between commit and reveal costs part of a bond",
  );
}

type MakeRound = (agent: Agent, builds: Builds) => () => Promise<void>;

async function runDaemon(name: string, options: DaemonOptions, makeRound: MakeRound): Promise<Duties> {
  const { chain, log, signal, stateFolder, limits, faults = [] } = options;
  checkFaultsAllowed(chain.deployment.chainId, faults);
  const lock = takeLock(stateFolder);
  const closing: (() => Promise<void> | void)[] = [() => lock.release()];
  try {
    await sweepTemporaryFiles(join(stateFolder));
    const store = openDaemonStore(options);
    const { ports, outbox, close } = await openPorts(options);
    closing.push(close);
    const observation = await openObservation(name, chain.provider, ports, options.metrics, log);
    closing.push(async () => await observation.close());
    const { metrics, duties } = observation;
    const agent = new Agent(ports, store, limits, log, metrics, duties);
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
    /** Whether a build has settled that the last round may not have seen. */
    let hasNews = false;
    const builds = new Builds(store, runner, limits, log, signal, (result) => {
      hasNews = true;
      metrics.buildSettled(result);
      agent.wakeup.wake();
    });
    closing.push(async () => await agent.tasks.stop());
    closing.push(async () => {
      void agent.tasks.stop();
      await builds.close();
    });
    const { assay, chainId } = chain.deployment;
    const { stepVerifier } = chain;
    log.info({ address: agent.address, assay, chainId, stepVerifier, block: agent.startBlock }, "started");
    const isIdle = async () => !(await agent.tasks.settle()) && outbox.size === 0 && !builds.pending && !hasNews;
    const round = makeRound(agent, builds);
    await runLoop(
      {
        log,
        signal,
        pollMilliseconds: chain.provider.limits.pollMilliseconds,
        wakeup: agent.wakeup,
        onRound(error) {
          observation.health.note(error);
          if (observation.url !== undefined && error === undefined) {
            agent.tasks.start("observe", async () => {
              metrics.observe(await agentSnapshot(agent, outbox.pending));
              return false;
            });
          }
        },
        ...(options.untilIdle && { isIdle }),
      },
      async () => {
        hasNews = false;
        await round();
      },
    );
    log.info({ ...agent.duties, pendingTransactions: outbox.pending.length }, "stopped");
    return agent.duties;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
