import { randomUUID } from "node:crypto";
import { openSync } from "node:fs";
import type { Command } from "commander";
import { createLog } from "../../agents/log.ts";
import { LogOutput } from "../../agents/logOutput.ts";
import { signalOfProcess } from "../../agents/loop.ts";
import { runRequest } from "../../agents/radicleAdapter.ts";
import { openSigningKey } from "../../attestation/node/signingKey.ts";
import { readPassword } from "../../chain/node/keys.ts";
import { packageVersion } from "../../core/node/packageFiles.ts";
import { badRequest, formatFinished, formatTriggered, parseRunRequest } from "../../radicle/brokerMessages.ts";
import { mostLineCharacters } from "../../radicle/limits.ts";
import { diskError } from "../../store/node/atomicFile.ts";
import { parseSeconds } from "../options.ts";

interface Options {
  readonly key: string;
  readonly passwordFile?: string;
  readonly publish: string;
  readonly state: string;
  readonly maxSeconds: number;
  readonly private: boolean;
  readonly infoUrl?: string;
  readonly log?: string;
}

export function defineRadicleAdapter(command: Command): void {
  command
    .requiredOption("--key <file>", "signing key (`assay key new --signing`)")
    .option("--password-file <file>", "file that holds its password on its first line (default: ASSAY_PASSWORD)")
    .requiredOption("--publish <folder>", "folder for signed results and contents, which `assay store serve` gives out")
    .requiredOption("--state <folder>", "folder for what tasks need while they run")
    .option("--max-seconds <n>", "most seconds that a task may take", parseSeconds, 3600)
    .option("--private", "also private repositories, whose contents are published then", false)
    .option("--info-url <url>", "where people read about a run, for the broker's pages")
    .option("--log <file>", "file to which the log is added, JSON lines (default: standard error)")
    .addHelpText(
      "after",
      `
Speaks the protocol of Radicle's CI broker: one request on standard input, two answers on standard output. Runs the tasks that the
commit describes in .assay/tasks.yaml, signs and publishes the results as \`assay follow\` does (docs/following.md).

Exit status: 0 the broker has its answers, also if a task has failed; 2 the request cannot be used.

Examples:
  assay radicle-adapter --key signing.json --password-file password --publish ./store --state ./adapter --log adapter.log`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { key, passwordFile, publish, state, maxSeconds, private: takesPrivate, infoUrl, log: file } = options;
  const signer = await openSigningKey(key, await readPassword({ keystore: key, passwordFile }, process.env));
  const log = createLog("radicle-adapter", "info", file === undefined ? process.stderr : logFile(file));
  const signal = signalOfProcess(log);
  const request = parseRunRequest(await firstLine(process.stdin, signal));
  process.stdout.write(formatTriggered(randomUUID(), infoUrl));
  const hasSucceeded = await runRequest(request, {
    ...{ signer, version: packageVersion(), publishFolder: publish, stateFolder: state },
    ...{ maxSeconds, private: takesPrivate, log, signal },
  });
  process.stdout.write(formatFinished(hasSucceeded ? "success" : "failure"));
}

function logFile(file: string): LogOutput {
  try {
    return new LogOutput(openSync(file, "a", 0o600), (why) =>
      process.stderr.write(`assay: cannot write the log: ${why}\n`),
    );
  } catch (cause) {
    throw diskError(cause, "write", file);
  }
}

/** The broker may keep the input open. @throws AssayError `radicle/bad-request` */
async function firstLine(input: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  input.setEncoding("utf8");
  const stop = () => input.destroy();
  signal.addEventListener("abort", stop);
  let text = "";
  try {
    for await (const chunk of input) {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) return text.slice(0, end);
      if (text.length > mostLineCharacters)
        throw badRequest(`it has more than ${mostLineCharacters} characters in a line`);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  if (text === "") throw badRequest("there is none");
  return text;
}
