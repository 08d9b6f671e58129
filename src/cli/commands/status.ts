import { type Command, InvalidArgumentError } from "commander";
import { formatEther, getAddress } from "ethers";
import { readStatus, type Status } from "../../agents/status.ts";
import { addressOf } from "../../chain/node/account.ts";
import { printable } from "../../core/printable.ts";
import { askDaemon, type DaemonHealth } from "../daemonHealth.ts";
import { type CommonOptions, withCommonOptions } from "../options.ts";
import { createOutput, grid, table } from "../output.ts";
import { withChain } from "../session.ts";

interface Options extends CommonOptions {
  readonly address?: string;
}

export function defineStatus(command: Command): void {
  command.option("--address <address>", "another account than that of the configuration's key", parseAddress);
  withCommonOptions(command)
    .addHelpText(
      "after",
      `
It needs no running daemon: it reads the chain, and the journal in the state directory, which it does not change. The address comes
from the configuration's key; a keystore's password is not needed for it. A daemon whose metrics.port is set is asked how it is.

Examples:
  assay status
  assay status --address 0x… --json`,
    )
    .action(run);
}

function parseAddress(text: string): string {
  try {
    return getAddress(text);
  } catch {
    throw new InvalidArgumentError("expected an address");
  }
}

async function run(options: Options): Promise<void> {
  const output = createOutput(options.json);
  await withChain(options.config, async (chain, config) => {
    const address = options.address ?? (await addressOf(config.key, process.env));
    const [status, daemon] = await Promise.all([
      readStatus(chain, address, config.state),
      config.metrics && askDaemon(config.metrics),
    ]);
    output.data({ ...status, ...(daemon && { daemon }) }, () => linesOf(status, daemon));
  });
}

function linesOf(status: Status, daemon: DaemonHealth | undefined): string[] {
  const { head, pending, duties, claims, stakes, requests } = status;
  return [
    ...table([
      ["address", status.address],
      ["balance", `${formatEther(status.balance)} ether`],
      ["locked bonds", `${formatEther(status.lockedBonds)} ether`],
      ["owed", `${formatEther(status.owed)} ether`],
      ["head", `block ${head.number}, ${head.ageSeconds} s old`],
      ["pending", String(pending.length)],
      ["duties", String(duties.length)],
      ["open claims", String(claims.length)],
      ["live stakes", String(stakes.length)],
      ["open requests", String(requests.length)],
      ...(daemon === undefined ? [] : [["daemon", wordsFor(daemon)] as const]),
    ]),
    ...section(
      ["nonce", "pending transaction", "hash"],
      pending.map(({ nonce, action, hash }) => [String(nonce), printable(action), hash]),
    ),
    ...section(
      ["duty", "side", "claim", "challenge", "seconds left", "deadline"],
      duties.map(({ kind, side, claim, challenge, secondsLeft, deadline }) => [
        kind,
        side,
        claim.slice(0, 18),
        challenge?.slice(0, 18) ?? "",
        String(secondsLeft),
        new Date(deadline * 1000).toISOString(),
      ]),
    ),
    ...section(
      ["open claim", "build", "challenges", "final in s"],
      claims.map(({ claim, build, openChallenges, secondsLeft }) => [
        claim,
        build.slice(0, 18),
        String(openChallenges),
        secondsLeft === undefined ? "" : String(secondsLeft),
      ]),
    ),
    ...section(
      ["live stake", "build"],
      stakes.map(({ stakeNumber, buildId }) => [String(stakeNumber), buildId]),
    ),
    ...section(
      ["open request", "ether", "expires"],
      requests.map(({ request, amount, expiry }) => [
        request,
        formatEther(amount),
        new Date(expiry * 1000).toISOString(),
      ]),
    ),
  ];
}

function section(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ["", ...grid(header, rows)];
}

function wordsFor(daemon: DaemonHealth): string {
  if (!daemon.answers) return `does not answer at ${daemon.url} (${daemon.why})`;
  const last = daemon.lastRound === undefined ? "" : `, last round ${daemon.lastRound.secondsAgo} s ago`;
  const state = daemon.healthy ? "healthy" : `not healthy: ${daemon.reasons.join("; ")}`;
  return printable(`${daemon.daemon}, ${state}${last}`, 2000);
}
