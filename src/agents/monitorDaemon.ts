import { join } from "node:path";
import { ZeroAddress } from "ethers";
import { accountReader } from "../chain/account.ts";
import type { AssayChain } from "../chain/assay.ts";
import { Ledger } from "../chain/ledger.ts";
import { sweepTemporaryFiles } from "../store/node/directoryStore.ts";
import { Agent } from "./agent.ts";
import { Builds } from "./builds.ts";
import type { DaemonOptions } from "./daemon.ts";
import { openDaemonStore } from "./daemonStore.ts";
import { takeLock } from "./lockFile.ts";
import { runLoop } from "./loop.ts";
import { createMachineRunner } from "./machineRunner.ts";
import { Monitor, type MonitorOptions, type MonitorReport } from "./monitor.ts";
import { openObservation } from "./observation.ts";
import type { Ports } from "./ports.ts";
import { memoryVerdicts } from "./verdicts.ts";

export type MonitorDaemonOptions = Omit<DaemonOptions, "key" | "fees" | "faults"> & MonitorOptions;

/** Runs a monitor until the signal, or until every claim is looked at. @returns what it found last. */
export async function runMonitor(options: MonitorDaemonOptions): Promise<MonitorReport> {
  const { chain, log, signal, limits } = options;
  // A daemon on this machine may use the same configuration.
  const stateFolder = join(options.stateFolder, "monitor");
  const lock = takeLock(stateFolder);
  const closing: (() => Promise<void> | void)[] = [() => lock.release()];
  try {
    await sweepTemporaryFiles(stateFolder);
    const store = openDaemonStore(options);
    const ports = watchingPorts(chain);
    const { metrics, duties, health, close } = await openObservation(
      "monitor",
      chain.provider,
      ports,
      options.metrics,
      log,
    );
    closing.push(close);
    const agent = new Agent(ports, store, limits, log, metrics, duties);
    const runner = await createMachineRunner({
      environments: options.environments,
      log2Arity: chain.parameters.log2Arity,
      limits,
      stateFolder,
      log,
    });
    const builds = new Builds(store, runner, limits, log, signal, (result) => {
      metrics.buildSettled(result);
      agent.wakeup.wake();
    });
    closing.push(async () => await builds.close());
    const monitor = new Monitor(agent, builds, { onAlerts: metrics.observeAlerts, ...options });
    const { assay, chainId } = chain.deployment;
    log.info({ assay, chainId, stepVerifier: chain.stepVerifier }, "started");
    await runLoop(
      {
        log,
        signal,
        pollMilliseconds: chain.provider.limits.pollMilliseconds,
        wakeup: agent.wakeup,
        onRound: (error) => health.note(error),
        ...(options.untilIdle && { isIdle: async () => !monitor.report.pending }),
      },
      async () => await monitor.round(),
    );
    log.info({ claims: monitor.report.claims.length, alerts: monitor.report.alerts.length }, "stopped");
    return monitor.report;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Reads a chain and has no account on it. */
function watchingPorts(chain: AssayChain): Ports {
  const { provider, deployment, parameters } = chain;
  const ledger = new Ledger(chain);
  return {
    contract: { chainId: deployment.chainId, assay: deployment.assay, parameters, server: () => provider.host },
    ledger,
    account: accountReader(chain, ZeroAddress, () => ledger.now),
    sender: {
      address: ZeroAddress,
      size: 0,
      submit: () => undefined,
      isUnderWay: () => false,
      minedIn: () => undefined,
    },
    verdicts: memoryVerdicts(),
    head: () => ledger.head,
    clock: Date.now,
  };
}
