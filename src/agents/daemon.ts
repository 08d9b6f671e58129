import type { AbstractSigner } from "ethers";
import type { FeePolicy } from "../chain/outbox/call.ts";
import type { Agent } from "./agent.ts";
import type { Builds } from "./builds.ts";
import { Claimant } from "./claimant.ts";
import type { Duties } from "./duties.ts";
import type { InjectedFault } from "./faults/injectedFault.ts";
import { type Injection, injectionOf } from "./faults/injection.ts";
import { Holders, otherStores } from "./holders.ts";
import type { Log } from "./log.ts";
import { agentSnapshot } from "./observation.ts";
import { type OpenPorts, openPorts } from "./openPorts.ts";
import { type DaemonSetup, runDaemon } from "./runDaemon.ts";
import { saltSecretIn } from "./saltFile.ts";
import { Solver } from "./solver.ts";
import { Verifier } from "./verifier.ts";

export interface DaemonOptions extends DaemonSetup {
  readonly key: AbstractSigner;
  readonly fees: FeePolicy;
  /** A newest block older than this is worth a warning; 0, the default: none is. */
  readonly headAgeSeconds?: number;
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
  return await runWithAccount("solver", options, async (agent, builds, { withhold }) => {
    const { challengeContradictions, stateFolder, log } = options;
    const secret = options.saltSecret ?? (await saltSecretIn(stateFolder, (file) => sayCreated(log, file)));
    const holders = new Holders(agent, otherStores(options.stores, options.signal));
    return new Solver(agent, builds, new Claimant(agent, secret), { challengeContradictions, withhold, holders });
  });
}

/** Runs a verifier until the signal. @returns what it could not do. */
export async function runVerifier(options: DaemonOptions): Promise<Duties> {
  return await runWithAccount("verifier", options, (agent, builds) => new Verifier(agent, builds));
}

function sayCreated(log: Log, file: string): void {
  log.warn(
    { file },
    "the secret of the claims' salts has been made: keep a copy, losing it between commit and reveal costs part of a bond",
  );
}

interface Player {
  round(): Promise<void>;
}

type Employ = (agent: Agent, builds: Builds, injection: Injection) => Player | Promise<Player>;

/** A daemon that plays with money: its transactions are kept in the state directory, and what it leaves undone is counted. */
async function runWithAccount(name: string, options: DaemonOptions, employ: Employ): Promise<Duties> {
  const { chain, faults = [] } = options;
  const injection = injectionOf(faults, chain.deployment.chainId);
  let opened: OpenPorts;
  return await runDaemon(options, {
    name,
    injection,
    async openPorts() {
      opened = await openPorts(options);
      return opened;
    },
    async begin({ agent, builds, observation: { url, metrics } }) {
      const { outbox } = opened;
      agent.startBlock = await chain.provider.getBlockNumber();
      const player = await employ(agent, builds, injection);
      return {
        facts: { address: agent.address, block: agent.startBlock },
        round: async () => await player.round(),
        isIdle: async () => !(await agent.tasks.settle()) && outbox.size === 0 && !builds.pending,
        onGoodRound() {
          if (url === undefined) return;
          agent.tasks.start("observe", async () => {
            metrics.observe(await agentSnapshot(agent, outbox.pending));
            return false;
          });
        },
        end: () => ({ result: agent.duties, facts: { ...agent.duties, pendingTransactions: outbox.pending.length } }),
      };
    },
  });
}
