import { join } from "node:path";
import { ZeroAddress } from "ethers";
import { accountReader } from "../chain/account.ts";
import type { AssayChain } from "../chain/assay.ts";
import { Ledger } from "../chain/ledger.ts";
import { Monitor, type MonitorOptions, type MonitorReport } from "./monitor.ts";
import type { Ports } from "./ports.ts";
import { type DaemonSetup, runDaemon } from "./runDaemon.ts";
import { memoryVerdicts } from "./verdicts.ts";

export type MonitorDaemonOptions = DaemonSetup & MonitorOptions;

/** Runs a monitor until the signal, or until every claim is looked at. @returns what it found last. */
export async function runMonitor(options: MonitorDaemonOptions): Promise<MonitorReport> {
  // A daemon on this machine may use the same configuration.
  const stateFolder = join(options.stateFolder, "monitor");
  return await runDaemon(
    { ...options, stateFolder },
    {
      name: "monitor",
      openPorts: async () => ({ ports: watchingPorts(options.chain), close: async () => {} }),
      async begin({ agent, builds, observation }) {
        const monitor = new Monitor(agent, builds, { onAlerts: observation.metrics.observeAlerts, ...options });
        return {
          facts: {},
          round: async () => await monitor.round(),
          isIdle: async () => !monitor.report.pending,
          end() {
            const { claims, alerts } = monitor.report;
            return { result: monitor.report, facts: { claims: claims.length, alerts: alerts.length } };
          },
        };
      },
    },
  );
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
