import type { AssayChain } from "../chain/assay.ts";
import type { RunnableEnvironment } from "../environment/runnable.ts";
import { sweepTemporaryFiles } from "../store/node/directoryStore.ts";
import type { StoreDescription } from "../store/storeKind.ts";
import { Agent, type AgentLimits } from "./agent.ts";
import { Builds } from "./builds.ts";
import { openDaemonStore } from "./daemonStore.ts";
import type { Injection } from "./faults/injection.ts";
import { listenForHeads } from "./headHints.ts";
import { takeLock } from "./lockFile.ts";
import type { Log } from "./log.ts";
import { runLoop } from "./loop.ts";
import { createMachineRunner } from "./machineRunner.ts";
import { type Observation, openObservation, type ServeMetrics } from "./observation.ts";
import type { Ports } from "./ports.ts";

/** What every daemon is given. */
export interface DaemonSetup {
  readonly chain: AssayChain;
  readonly stores: readonly StoreDescription[];
  readonly stateFolder: string;
  readonly environments: readonly RunnableEnvironment[];
  readonly limits: AgentLimits;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Ends when there is nothing left to do, instead of waiting for more. */
  readonly untilIdle: boolean;
  /** Where metrics and health are served; nowhere if undefined. */
  readonly metrics?: ServeMetrics | undefined;
  /** Addresses of ws(s) servers that are listened to for new blocks. */
  readonly newHeads?: readonly string[];
}

/** What a daemon's work is made from. */
export interface DaemonParts {
  readonly agent: Agent;
  readonly builds: Builds;
  readonly observation: Observation;
}

/** What one daemon does, and how it says that it has begun and ended. */
export interface DaemonWork<Result> {
  readonly facts: Readonly<Record<string, unknown>>;
  round(): Promise<void>;
  /** Called after each round that succeeded. */
  onGoodRound?(): void;
  /** Whether there is nothing left to do. */
  isIdle(): Promise<boolean>;
  end(): { readonly result: Result; readonly facts: Readonly<Record<string, unknown>> };
}

/** What makes one daemon another than the others. */
export interface DaemonKind<Result> {
  readonly name: string;
  readonly injection?: Injection;
  openPorts(): Promise<{ readonly ports: Ports; close(): Promise<void> }>;
  begin(parts: DaemonParts): Promise<DaemonWork<Result>>;
}

/**
 * Runs a daemon until the signal, or until it has nothing left to do: lock, store, ports, observation, machines, loop. Whatever
 * happens, all of it is closed again, the last first.
 * @throws AssayError `agents/locked`, `agents/port-taken`
 */
export async function runDaemon<Result>(setup: DaemonSetup, kind: DaemonKind<Result>): Promise<Result> {
  const { chain, log, signal, stateFolder, limits, environments } = setup;
  const { provider, deployment, parameters, stepVerifier } = chain;
  const lock = takeLock(stateFolder);
  const closing: (() => Promise<void> | void)[] = [() => lock.release()];
  try {
    await sweepTemporaryFiles(stateFolder);
    const store = openDaemonStore(setup);
    const { ports, close } = await kind.openPorts();
    closing.push(close);
    const observation = await openObservation(kind.name, provider, ports, setup.metrics, log);
    closing.push(async () => await observation.close());
    const { metrics, duties, health } = observation;
    const agent = new Agent(ports, store, limits, log, metrics, duties);
    const runner = await createMachineRunner({
      environments,
      log2Arity: parameters.log2Arity,
      limits,
      stateFolder,
      log,
      ...(kind.injection && { machineFault: kind.injection.machineFault }),
      onProgress: (build, { ticks, seconds }) => log.debug({ build, ticks, seconds }, "running"),
    });
    /** Whether a build has settled that the last round may not have seen. */
    let hasNews = false;
    const builds = new Builds(store, kind.injection?.faulty(runner) ?? runner, limits, log, signal, (result) => {
      hasNews = true;
      metrics.buildSettled(result);
      agent.wakeup.wake();
    });
    closing.push(async () => await agent.tasks.stop());
    closing.push(async () => {
      void agent.tasks.stop();
      await builds.close();
    });
    const work = await kind.begin({ agent, builds, observation });
    const { assay, chainId } = deployment;
    log.info({ ...work.facts, assay, chainId, stepVerifier }, "started");
    const listening = listenForHeads(setup, agent.wakeup);
    closing.push(() => listening.close());
    await runLoop(
      {
        log,
        signal,
        pollMilliseconds: provider.limits.pollMilliseconds,
        wakeup: agent.wakeup,
        onRound(error) {
          health.note(error);
          if (error === undefined) work.onGoodRound?.();
        },
        ...(setup.untilIdle && { isIdle: async () => (await work.isIdle()) && !hasNews }),
      },
      async () => {
        hasNews = false;
        await work.round();
      },
    );
    const { result, facts } = work.end();
    log.info(facts, "stopped");
    return result;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
