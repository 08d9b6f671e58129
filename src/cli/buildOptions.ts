import { type Command, InvalidArgumentError, Option } from "commander";
import type { BuildRequest } from "../build/node/identifyBuild.ts";
import { AssayError } from "../core/errors.ts";
import { dependencyLockName } from "../dependencies/lock.ts";
import { releaseTarball } from "../programs/releaseTarball/manifest.ts";

/** What, besides the source, makes a build: options that all commands about builds have. */
export interface BuildOptions {
  readonly rev?: string;
  readonly submodules: boolean;
  readonly git?: boolean;
  readonly env: string;
  readonly run?: string;
  readonly out: readonly string[];
  readonly reports: readonly string[];
  readonly user?: "build";
  readonly set: Readonly<Record<string, string>>;
  readonly ticks?: bigint;
  /** A lock of dependencies; false for none, undefined for that of the source. */
  readonly deps?: string | false;
}

export function withBuildOptions(command: Command): Command {
  return command
    .option("--rev <revision>", "commit, tag or branch of a repository (default: HEAD)")
    .option("--no-submodules", "refuse a repository that has submodules, instead of fetching them")
    .option("--git", "guests: give the source a folder .git with the commit and its tags, for `git describe`")
    .option("--env <name>", "environment of the build, by name or id (`assay env list`)", releaseTarball.name)
    .option("--run <command>", "guests: shell command that is run in the source's folder")
    .option(
      "--out <path>",
      "guests: a file or folder that the command makes, relative to the source's folder or absolute; repeatable. One file is " +
        "the artifact as it is; a folder, or several paths, as one tar archive",
      addText,
      [],
    )
    .option(
      "--reports <pattern>",
      "guests: test reports (JUnit XML, TAP), for example '**/TEST-*.xml'; repeatable",
      addText,
      [],
    )
    .addOption(
      new Option("--user <name>", "guests: the user that the command runs as (default: root)").choices(["build"]),
    )
    .option("--set <name=value>", "guests: an environment variable of the command; repeatable", addVariable, {})
    .option("--deps <file>", `guests: the lock of its dependencies (default: ${dependencyLockName} in the source)`)
    .option("--no-deps", "guests: take no dependencies in")
    .option("--ticks <n>", "guests: limit in ticks (default: that of the environment)", parseTicks);
}

function addText(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
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

/**
 * The build that a source and these options are.
 * @throws AssayError `cli/bad-argument` for options that the environment has no use for, or needs; `environment/unknown`
 */
export async function buildRequestOf(source: string, options: BuildOptions): Promise<BuildRequest> {
  const {
    rev: revision,
    submodules,
    git = false,
    env: environment,
    run,
    out,
    reports,
    user,
    set,
    ticks,
    deps,
  } = options;
  const origin = { source, revision, submodules, git };
  // With all environments, which commands that only have these options do not need.
  const { environmentNamed } = await import("../build/node/environments.ts");
  const { runsCommands, name } = await environmentNamed(environment);
  if (!runsCommands) {
    const none = [...out, ...reports, ...Object.keys(set)].length === 0;
    if (none && run === undefined && user === undefined && ticks === undefined && !deps) {
      return { ...origin, environment };
    }
    throw badArgument(
      `--run, --out, --reports, --user, --set, --ticks and --deps are for guests, which ${name} is not: name one with --env, ` +
        "and a file for the artifact with --artifact",
    );
  }
  if (run === undefined) throw badArgument(`a build in the guest ${name} needs a command: --run`);
  const command = { command: run, outputs: out, reports, user, variables: set, tickLimit: ticks };
  const request: BuildRequest = { ...origin, environment, command };
  if (deps === false) return request;
  const { dependenciesOf } = await import("./buildDependencies.ts");
  return { ...request, dependencies: await dependenciesOf(request, deps) };
}

function badArgument(message: string) {
  return new AssayError("cli/bad-argument", message);
}
