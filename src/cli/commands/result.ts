import type { Command } from "commander";
import { environmentNamed } from "../../build/node/environments.ts";
import { type IdentifiedBuild, identifyBuild } from "../../build/node/identifyBuild.ts";
import type { AssayChain } from "../../chain/assay.ts";
import { type FinalResult, type Result, resultOf, succeeded, waitFor } from "../../client/results.ts";
import type { Hex, Root } from "../../core/bytes.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import type { RunnableEnvironment } from "../../environment/runnable.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { type BuildOptions, buildRequestOf, withBuildOptions } from "../buildOptions.ts";
import { type ExitStatus, exitStatus } from "../exitStatus.ts";
import { sha256OfFile } from "../fileDigest.ts";
import { type CommonOptions, parseRoot, parseSeconds, withCommonOptions } from "../options.ts";
import { createOutput, table } from "../output.ts";
import { withChain } from "../session.ts";

interface Options extends CommonOptions, BuildOptions {
  readonly buildId?: Root;
  readonly artifact?: string;
  readonly wait?: number;
}

export function defineResult(command: Command): void {
  command
    .argument("[source]", sourceHelp)
    .option("--build-id <root>", "a build id instead of a source; only as good as where it came from", parseRoot)
    .option("--artifact <file>", "compare this file with the final hash")
    .option("--wait <seconds>", "wait for the result to become final, this long at most", parseSeconds);
  withCommonOptions(withBuildOptions(command))
    .addHelpText(
      "after",
      `
Exit status: 0 final, a success, and the artifact (if given) is the one; 3 not final; 4 refuted and nothing else claimed;
5 the artifact is another one; 6 no answer from the chain; 7 another chain or contract; 8 the build itself failed.

Examples:
  assay result . --artifact project.tar.gz
  assay result git+https://example.org/project.git --rev v1.2 --artifact project-1.2.tar.gz --json
  assay result . --env small --run "tcc -o hello hello.c" --out hello --artifact hello
  assay result . --wait 600`,
    )
    .action(run);
}

async function run(source: string | undefined, options: Options): Promise<void> {
  const output = createOutput(options.json);
  const { buildId, environment } = await buildFrom(source, options);
  const artifact = options.artifact === undefined ? undefined : (`0x${await sha256OfFile(options.artifact)}` as const);
  const result = await withChain(options.config, async (chain) => await ask(chain, buildId, options.wait));
  const status = statusOfResult(result, artifact);
  output.data({ ...result, artifact, verdict: verdictOf(status) }, () => [
    ...table(rowsOf(result, artifact, environment)),
    "",
    `${verdictOf(status)}.`,
  ]);
  process.exitCode = status;
}

/** The build that is asked about, and the environment whose exit codes it has. */
async function buildFrom(
  source: string | undefined,
  options: Options,
): Promise<Pick<IdentifiedBuild, "buildId" | "environment">> {
  if ((source === undefined) === (options.buildId === undefined)) {
    throw new AssayError("cli/bad-argument", "name either a source or --build-id");
  }
  const { buildId } = options;
  if (buildId !== undefined) return { buildId, environment: await environmentNamed(options.env) };
  return await identifyBuild(await buildRequestOf(source!, options));
}

async function ask(chain: AssayChain, buildId: Root, wait: number | undefined): Promise<Result> {
  if (wait === undefined) return await resultOf(chain, buildId);
  try {
    return await waitFor(chain, buildId, { timeoutSeconds: wait });
  } catch (error) {
    if (isAssayError(error, "client/timeout")) return error.details.result;
    throw error;
  }
}

/** The exit status that a result, and the artifact at hand, come to. */
export function statusOfResult(result: Result, artifact: Hex | undefined): ExitStatus {
  if (result.status !== "final") {
    return result.status === "unknown" && result.refuted > 0 ? exitStatus.refuted : exitStatus.notFinal;
  }
  if (!succeeded(result)) return exitStatus.buildFailed;
  return artifact !== undefined && artifact !== result.artifactSha256 ? exitStatus.mismatch : exitStatus.ok;
}

function verdictOf(status: ExitStatus): string {
  return verdicts[status] ?? "unknown";
}

const verdicts: Readonly<Partial<Record<ExitStatus, string>>> = {
  [exitStatus.ok]: "final and matching",
  [exitStatus.notFinal]: "not final",
  [exitStatus.refuted]: "refuted, and nothing else claimed",
  [exitStatus.mismatch]: "mismatch: the artifact is not what this source builds to",
  [exitStatus.buildFailed]: "final: the build itself failed",
};

function rowsOf(result: Result, artifact: Hex | undefined, environment: RunnableEnvironment): [string, string][] {
  const rows: [string, string][] = [
    ["build", result.buildId],
    ["status", result.status],
  ];
  if (result.refuted > 0) rows.push(["refuted", `${result.refuted} claims`]);
  if (result.status === "final") rows.push(...finalRows(result, environment));
  if (artifact !== undefined) rows.push(["artifact at hand", artifact]);
  return rows;
}

function finalRows(result: FinalResult, { describeExit }: RunnableEnvironment): [string, string][] {
  const ended =
    result.end === "trapped"
      ? `trapped (${result.trapCode})`
      : `halted with exit code ${result.exitCode} (${describeExit(result.exitCode)})`;
  return [
    ["final since", new Date(result.finalizedAt * 1000).toISOString()],
    ["claim", result.claimId],
    ["build ended", ended],
    ["artifact size", `${result.artifactSize} bytes`],
    ["artifact sha256", result.artifactSha256],
  ];
}
