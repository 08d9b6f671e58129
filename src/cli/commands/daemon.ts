import type { Command } from "commander";
import { type DaemonOptions, runSolver, runVerifier, type SolverDaemonOptions } from "../../agents/daemon.ts";
import { type Duties, isAnyUndone } from "../../agents/duties.ts";
import { parseFault } from "../../agents/faults/injectedFault.ts";
import { createLog } from "../../agents/log.ts";
import { logOutput } from "../../agents/logOutput.ts";
import { signalOfProcess } from "../../agents/loop.ts";
import { prettyLines } from "../../agents/prettyLog.ts";
import { environmentNamed } from "../../build/node/environments.ts";
import { loadAccount } from "../../chain/node/account.ts";
import { limitsOf, readConfig } from "../config.ts";
import { runUntil } from "../ending.ts";
import { exitStatus } from "../exitStatus.ts";
import { connectTo, feesOf } from "../session.ts";

interface Options {
  readonly config?: string;
  readonly once: boolean;
  readonly logLevel: string;
  readonly pretty: boolean;
}

interface SolverOptions extends Options {
  readonly fault: readonly string[];
  readonly challenge: boolean;
}

const keyText =
  "The key comes from the configuration's keystore or remote signer, or the environment (ASSAY_KEY), never from arguments.";

export function defineSolver(command: Command): void {
  withDaemonOptions(command)
    .option("--no-challenge", "leave claims that contradict an own one to verifiers")
    .option(
      "--fault <kind@tick:step>",
      "do something wrong on purpose, on a local chain only; may be given several times",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .addHelpText(
      "after",
      `
${keyText}

Faults: memory|register|stack|global@<tick>[:<step>] change the state there, record changes the result record, steps@<tick>
opens the tick with half its steps, withhold@<n> and silent@<n> stop answering at the challenger's move number n.

Examples:
  assay solver
  ASSAY_KEY=0x… assay solver --config local.yaml --fault memory@100:5000`,
    )
    .action(async (options: SolverOptions) => {
      const faults = options.fault.map(parseFault);
      await runDaemon("solver", options, async (daemon) => {
        return await runSolver({ ...daemon, faults, challengeContradictions: options.challenge });
      });
    });
}

export function defineVerifier(command: Command): void {
  withDaemonOptions(command)
    .addHelpText(
      "after",
      `
${keyText}

It protects a build if it has one challenger bond and the gas of a dispute for it, if it can answer in time as many disputes
as there are wrong claims (the capacity that it logs), and if its endpoint answers. Then no wrong result becomes final on that
build, and the bond is safe. Builds that its money does not reach are said, counted, and in the exit status. The reward of a
refutation is not safe: the solver's accomplice, or somebody who copies the moves, can take it.

Examples:
  assay verifier
  assay verifier --once --log-level warn`,
    )
    .action(async (options: Options) => await runDaemon("verifier", options, runVerifier));
}

function withDaemonOptions(command: Command): Command {
  return command
    .option("--config <file>", "configuration (default: $ASSAY_CONFIG, else assay.yaml)")
    .option("--once", "end when there is nothing left to do for now", false)
    .option("--pretty", "log as text for people instead of JSON", false)
    .option("--log-level <level>", "debug, info, warn or error", "info");
}

async function runDaemon(
  name: string,
  options: Options,
  start: (options: DaemonOptions & Pick<SolverDaemonOptions, "saltSecret">) => Promise<Duties>,
): Promise<void> {
  const config = await readConfig(options.config, process.env);
  const { signer, saltSecret } = await loadAccount(config.key, process.env);
  const log = createLog(name, options.logLevel, logOutput(process.stdout), options.pretty ? prettyLines : undefined);
  const chain = await connectTo(config);
  try {
    const environments = await Promise.all(config.limits.environments.map(environmentNamed));
    const signal = signalOfProcess(log);
    const daemon = {
      chain,
      key: signer,
      saltSecret,
      fees: feesOf(config),
      stores: config.stores,
      stateFolder: config.state,
      headAgeSeconds: config.polling.headAgeSeconds,
      environments,
      limits: limitsOf(config),
      log,
      signal,
      untilIdle: options.once,
      metrics: config.metrics,
      newHeads: options.once ? [] : config.newHeads,
    };
    const duties = await runUntil(signal, chain.provider, async () => await start(daemon));
    if (duties !== undefined && isAnyUndone(duties)) process.exitCode = exitStatus.dutyMissed;
  } finally {
    chain.close();
  }
}
