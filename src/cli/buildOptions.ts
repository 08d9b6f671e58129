import { type Command, InvalidArgumentError } from "commander";
import type { Root } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { buildIdOf } from "../environment/environment.ts";
import { encodeInput } from "../guest/buildDescription.ts";
import { loadKeccakKernel } from "../merkle/node/keccakKernelNode.ts";
import { type ReadSourceOptions, readSource } from "../source/node/readSource.ts";
import type { Source, SourceTree } from "../source/source.ts";
import { environmentNamed, type NamedEnvironment, releaseTarballName } from "./environments.ts";
import type { CliErrorCode } from "./errors.ts";

/** What, besides the source, makes a build: options that all commands about builds have. */
export interface BuildOptions {
  readonly rev?: string;
  readonly env: string;
  readonly run?: string;
  readonly out?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly ticks?: bigint;
}

/** Ticks of a guest when nothing else is said: some 70 G instructions. Part of the build id, like all of these. */
export const defaultTickLimit = 2n ** 16n;

export function withBuildOptions(command: Command): Command {
  return command
    .option("--rev <revision>", "commit, tag or branch of a repository (default: HEAD)")
    .option("--env <name>", "environment of the build, by name or id (`assay guest list`)", releaseTarballName)
    .option("--run <command>", "guests: shell command that is run in the source's folder")
    .option("--out <path>", "guests: path of the artifact in the guest, relative to the source's folder or absolute")
    .option("--set <name=value>", "guests: an environment variable of the command; repeatable", addVariable, {})
    .option("--ticks <n>", `guests: limit in ticks (default: ${defaultTickLimit})`, parseTicks);
}

function addVariable(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("expected <name>=<value>");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function parseTicks(text: string): bigint {
  if (!/^[1-9]\d{0,12}$/.test(text)) throw new InvalidArgumentError("expected a number from 1 on");
  return BigInt(text);
}

/** A source, the build that is made of it, and the id of that build. */
export interface IdentifiedSource extends Source {
  readonly buildId: Root;
  readonly environment: NamedEnvironment;
}

/**
 * Reads a source and computes the id of its build.
 * @param location path or URL; see `src/source/README.md`.
 * @throws AssayError `cli/bad-argument`, `source/...`, `guest/...`
 */
export async function identifySource(location: string, options: BuildOptions): Promise<IdentifiedSource> {
  const environment = await environmentNamed(options.env);
  const revision = options.rev === undefined ? {} : { revision: options.rev };
  const source = await readSource(location, { ...revision, ...encodingFor(environment, options) });
  const hasher = await loadKeccakKernel();
  return { ...source, environment, buildId: buildIdOf(environment.environment, source.drive, hasher) };
}

/** How the input drive is made: a guest's holds the description too. */
function encodingFor(
  { guest, environment }: NamedEnvironment,
  { run, out, set, ticks }: BuildOptions,
): Pick<ReadSourceOptions, "encode" | "capacity"> {
  if (guest === undefined) {
    if (run === undefined && out === undefined && ticks === undefined && Object.keys(set).length === 0) return {};
    throw badArgument(
      `--run, --out, --set and --ticks are for guests, ${environment.name} is none: name one with --env, ` +
        "and a file for the artifact with --artifact",
    );
  }
  if (run === undefined || out === undefined) {
    throw badArgument(
      `a build in the guest ${environment.name} needs a command (--run) and the path it leaves (--out)`,
    );
  }
  return {
    capacity: 2 ** environment.drive.log2Size,
    encode: (tree: SourceTree, capacity: number) => {
      const time = { tickLimit: ticks ?? defaultTickLimit, sourceDateEpoch: BigInt(tree.time) };
      return encodeInput({ command: run, output: out, variables: set, ...time }, tree, capacity);
    },
  };
}

function badArgument(message: string) {
  return new AssayError<CliErrorCode>("cli/bad-argument", message);
}
