import type { Command } from "commander";
import { createLog } from "../../agents/log.ts";
import { logOutput } from "../../agents/logOutput.ts";
import { signalOfProcess } from "../../agents/loop.ts";
import type { MonitorReport } from "../../agents/monitor.ts";
import { runMonitor } from "../../agents/monitorDaemon.ts";
import { prettyLines } from "../../agents/prettyLog.ts";
import { environmentNamed } from "../../build/node/environments.ts";
import { limitsOf, readConfig } from "../config.ts";
import { runUntil } from "../ending.ts";
import { exitStatus } from "../exitStatus.ts";
import { type CommonOptions, parseSeconds, withCommonOptions } from "../options.ts";
import { createOutput, grid } from "../output.ts";
import { connectTo } from "../session.ts";

interface Options extends CommonOptions {
  readonly once: boolean;
  readonly pretty: boolean;
  readonly logLevel?: string;
  readonly near?: number;
  readonly past: number;
}

export function defineMonitor(command: Command): void {
  command
    .option("--once", "print the claims and alerts of now, and end", false)
    .option(
      "--near <seconds>",
      "how near a deadline is worth an alert (default: the least response time)",
      parseSeconds,
    )
    .option("--past <seconds>", "also check claims that became final so long ago", parseSeconds, 7 * 86_400)
    .option("--pretty", "log as text for people instead of JSON", false)
    .option("--log-level <level>", "debug, info, warn or error (default: info; with --once: warn)");
  withCommonOptions(command)
    .addHelpText(
      "after",
      `
It needs no key and sends nothing. Builds in environments of the configuration's limits.environments are run again here; other
claims are judged by what others do about them. The log goes to stdout, with --once to stderr. docs/alerts.md says what each alert
means. Exit status 9: a severe alert stands (wrong-final, nobody-engaged, unchecked).

Examples:
  assay monitor --pretty
  assay monitor --once --json`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { once, pretty } = options;
  const config = await readConfig(options.config, process.env);
  const stream = once ? process.stderr : process.stdout;
  const level = options.logLevel ?? (once ? "warn" : "info");
  const log = createLog("monitor", level, logOutput(stream), pretty ? prettyLines : undefined);
  const chain = await connectTo(config);
  let report: MonitorReport | undefined;
  try {
    const environments = await Promise.all(config.limits.environments.map(environmentNamed));
    const signal = signalOfProcess(log);
    const daemon = {
      chain,
      stores: config.stores,
      stateFolder: config.state,
      environments,
      limits: limitsOf(config),
      log,
      signal,
      untilIdle: once,
      metrics: once ? undefined : config.metrics,
      newHeads: once ? [] : config.newHeads,
      nearSeconds: options.near ?? chain.parameters.minResponseSeconds,
      pastSeconds: options.past,
    };
    report = await runUntil(signal, chain.provider, async () => await runMonitor(daemon));
  } finally {
    chain.close();
  }
  if (report === undefined) return;
  if (once) {
    const { claims, alerts } = report;
    createOutput(options.json).data({ claims, alerts }, () => linesOf(report));
  }
  if (report.alerts.some(({ severe }) => severe)) process.exitCode = exitStatus.dutyMissed;
}

function linesOf({ claims, alerts }: MonitorReport): string[] {
  const left = (seconds: number | undefined) => (seconds === undefined ? "" : String(seconds));
  return [
    ...grid(
      ["claim", "build", "own run", "forecast", "outcome", "challenges", "final in s"],
      claims.map(({ claim, build, verdict, forecast, outcome, openChallenges, secondsLeft }) => [
        claim,
        build.slice(0, 18),
        verdict,
        forecast,
        outcome,
        String(openChallenges),
        left(secondsLeft),
      ]),
    ),
    "",
    ...(alerts.length === 0
      ? ["no alerts"]
      : grid(
          ["alert", "build", "claim", "seconds left", "why"],
          alerts.map(({ alert, build, claim, secondsLeft, why }) => [
            alert,
            build.slice(0, 18),
            claim?.slice(0, 18) ?? "",
            left(secondsLeft),
            why,
          ]),
        )),
  ];
}
