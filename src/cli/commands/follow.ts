import { type Command, InvalidArgumentError } from "commander";
import { runFollower } from "../../agents/follower/followDaemon.ts";
import { createLog } from "../../agents/log.ts";
import { signalOfProcess } from "../../agents/loop.ts";
import { openSigningKey } from "../../attestation/node/signingKey.ts";
import { readPassword } from "../../chain/node/keys.ts";
import { AssayError } from "../../core/errors.ts";
import { packageVersion } from "../../core/node/packageFiles.ts";
import { readStoreToken } from "../../store/node/storeToken.ts";
import { exitStatus } from "../exitStatus.ts";
import { parseCount, parsePositive, parseSeconds } from "../options.ts";
import { tokenVariable } from "../storeOptions.ts";

interface Options {
  readonly key: string;
  readonly passwordFile?: string;
  readonly publish: string;
  readonly publishTo: readonly string[];
  readonly tokenFile?: string;
  readonly state: string;
  readonly poll: number;
  readonly maxSeconds: number;
  readonly parallel: number;
  readonly patches: boolean;
  readonly notes: boolean;
  readonly webhookPort?: number;
  readonly webhookSecretFile?: string;
  readonly once: boolean;
  readonly delegates: boolean;
  readonly private: boolean;
}

export function defineFollow(command: Command): void {
  command
    .argument("<repository...>", "git+https, git+ssh or git+file URLs, or rad:z... of Radicle repositories")
    .requiredOption("--key <file>", "signing key (`assay key new --signing`)")
    .option("--password-file <file>", "file that holds its password on its first line (default: ASSAY_PASSWORD)")
    .requiredOption("--publish <folder>", "folder for signed results and contents, which `assay store serve` gives out")
    .option(
      "--publish-to <url>",
      "server that they are written to as well (`assay store serve --accept`); repeatable",
      collect,
      [],
    )
    .option("--token-file <file>", "file that holds the servers' token on its first line (default: ASSAY_STORE_TOKEN)")
    .requiredOption("--state <folder>", "folder for what was seen and done")
    .option("--poll <seconds>", "how often repositories are asked", parseSeconds, 60)
    .option("--max-seconds <n>", "most seconds that a task may take", parseSeconds, 3600)
    .option("--parallel <n>", "tasks that are run at the same time", parsePositive, 2)
    .option("--patches", "follow pull and merge requests too, for tasks that ask for it", false)
    .option("--notes", "add results to the repositories' git notes too: one elsewhere is pushed to", false)
    .option("--webhook-port <n>", "take forges' webhooks on this port of the loopback address", parseCount)
    .option("--webhook-secret-file <file>", "file that holds the webhooks' secret on its first line")
    .option("--delegates", "Radicle: each delegate's own branches and tags, too", false)
    .option("--private", "Radicle: also private repositories, whose contents are published then", false)
    .option("--once", "look once, do what there is to do, and end", false)
    .addHelpText(
      "after",
      `
A project describes its builds and tests in .assay/tasks.yaml (docs/following.md). Its code runs in the deterministic machine and
reaches nothing of this host. The log is JSON lines on stdout.

Exit status: 0 stopped, or done; 9 with --once: a task was given up in this run, or still waits.

Examples:
  assay follow git+https://example.org/project.git --key signing.json --publish ./store --state ./follow
  assay follow git+file:///srv/git/project.git --key signing.json --publish ./store --state ./follow --once
  assay follow git+https://example.org/project.git --key signing.json --publish ./store --state ./follow \\
    --webhook-port 8471 --webhook-secret-file secret
  assay follow rad:z3gqcJUoA1n9HaHKufZs5FCSGazv5 --key signing.json --publish ./store --state ./follow`,
    )
    .action(run);
}

async function run(repositories: readonly string[], options: Options): Promise<void> {
  const { key, passwordFile, publish, state, poll, maxSeconds, parallel, patches, notes, once, publishTo, tokenFile } =
    options;
  const { delegates, private: takesPrivate } = options;
  const webhooks = await webhooksOf(options);
  const token =
    publishTo.length === 0 ? undefined : readStoreToken(tokenFile === undefined ? { tokenVariable } : { tokenFile });
  const signer = await openSigningKey(key, await readPassword({ keystore: key, passwordFile }, process.env));
  const log = createLog("follower", "info");
  const { failed, waiting } = await runFollower({
    repositories,
    radicle: { delegates, private: takesPrivate },
    signer,
    version: packageVersion(),
    publishFolder: publish,
    publishTo: publishTo.map((url) => ({ url, token })),
    stateFolder: state,
    log,
    signal: signalOfProcess(log),
    maxSeconds,
    pollSeconds: poll,
    parallelTasks: parallel,
    patches,
    notes,
    webhooks,
    once,
  });
  if (once && failed + waiting > 0) process.exitCode = exitStatus.dutyMissed;
}

/** @throws AssayError `cli/bad-argument` for one of the two alone; `chain/bad-key`, `chain/key-permissions` */
async function webhooksOf({ webhookPort: port, webhookSecretFile: file }: Options) {
  if (port === undefined && file === undefined) return undefined;
  if (port === undefined || file === undefined) {
    throw new AssayError("cli/bad-argument", "--webhook-port and --webhook-secret-file belong together");
  }
  return { port, secret: await readPassword({ passwordFile: file }, process.env) };
}

function collect(url: string, before: readonly string[]): readonly string[] {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new InvalidArgumentError("expected an address that begins with https:// or http://");
  }
  return [...before, url];
}
