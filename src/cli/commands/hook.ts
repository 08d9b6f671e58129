import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import type { Command } from "commander";
import { AssayError } from "../../core/errors.ts";
import { mostAptCharacters, parseAptList } from "../../packages/aptHook.ts";
import { faultOfCargo, faultOfNpm, npmSpecOf } from "../../packages/guardedCommand.ts";
import type { LockedPackage } from "../../packages/lockedPackage.ts";
import { hashArchive } from "../../packages/node/archives.ts";
import { platformHere, readLockFile } from "../../packages/node/lockFile.ts";
import { type AuditOptions, withAuditOptions } from "../auditOptions.ts";
import { exitStatus } from "../exitStatus.ts";
import { createOutput } from "../output.ts";
import { type AuditedPackages, atHand, auditPackages, linesOfAudit, type PackageAtHand } from "../packageAudit.ts";
import { type PolicyOptions, withPolicyOptions } from "../policyOptions.ts";
import { runChild } from "../runChild.ts";

type Options = PolicyOptions & AuditOptions;

/** Deciding before a package manager installs (docs/packages.md). */
export function defineHook(hook: Command): void {
  const ended = `
Exit status: 0 every package is accepted; 2, 3, 5, 6 as of \`assay check --lock\`, and nothing is installed.`;
  withAuditOptions(withPolicyOptions(hook.command("apt")))
    .description("for DPkg::Pre-Install-Pkgs: read the packages that apt is about to install, and refuse")
    .addHelpText(
      "after",
      `${ended}

Examples:
  DPkg::Pre-Install-Pkgs { "/usr/bin/assay hook apt --policy /etc/assay/policy.yaml"; };`,
    )
    .action(apt);
  const wrapped = `
The decision is printed to stderr.${ended}
Then it is the command's.`;
  withAuditOptions(withPolicyOptions(hook.command("npm")))
    .description("fetch what the lock pins into npm's cache, decide about it, and run `npm ci` only if all is accepted")
    .argument("<command...>", "npm ci, and options of it")
    .addHelpText("after", `${wrapped}\n\nExamples:\n  assay hook npm --policy policy.yaml -- npm ci`)
    .action(npm);
  withAuditOptions(withPolicyOptions(hook.command("cargo")))
    .description("decide about the crates of Cargo.lock, and run a command of cargo only if all are accepted")
    .argument("<command...>", "cargo with a command, its options, and --locked")
    .addHelpText("after", `${wrapped}\n\nExamples:\n  assay hook cargo --policy policy.yaml -- cargo build --locked`)
    .action(cargo);
  for (const command of hook.commands) command.exitOverride();
}

async function apt(options: Options): Promise<void> {
  const packages: PackageAtHand[] = [];
  for (const { name, version, file } of parseAptList(await readInput())) {
    const hashes = await hashArchive(file).catch(() => undefined);
    packages.push({
      name,
      version,
      ...{ sha256: hashes?.sha256, sha512: hashes?.sha512 },
      why: hashes === undefined ? `${file} cannot be read` : undefined,
    });
  }
  const audited = await auditPackages(packages, options);
  createOutput(false).data(audited.facts, () => linesOfAudit(audited));
  process.exitCode = audited.status;
}

async function readInput(): Promise<string> {
  let size = 0;
  process.stdin.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > mostAptCharacters) process.stdin.destroy(tooLong());
  });
  return await textOf(process.stdin);
}

const tooLong = () =>
  new AssayError("packages/bad-lock", `apt's list has more than ${mostAptCharacters} bytes`, { file: "stdin" });

async function npm([program, ...args]: readonly string[], options: Options): Promise<void> {
  refuseOther(program!, "npm", faultOfNpm(args));
  // As npm has it: the shrinkwrap before the lock.
  const lock = ["npm-shrinkwrap.json", "package-lock.json"].find((file) => existsSync(file));
  if (lock === undefined) throw badArgument("there is no package-lock.json here");
  const locked = await readLockFile(lock);
  let found = await atHand(locked, options.packages);
  const missing = locked.filter((_, i) => found[i]!.sha256 === undefined);
  if (!options.offline && missing.length > 0) {
    await fetchInto(program!, missing);
    found = await atHand(locked, options.packages);
  }
  // Else a line of .npmrc could have it install what was passed over as being for other platforms.
  const platform = Object.entries(platformHere()).map(([key, value]) => `--${key}=${value}`);
  await runIfAccepted(await auditPackages(found, options), program!, [...args, "--prefer-offline", ...platform]);
}

/** Brings archives into npm's cache. What cannot be had stays missing. */
async function fetchInto(program: string, missing: readonly LockedPackage[]): Promise<void> {
  const specs = missing.flatMap((each) => npmSpecOf(each) ?? []);
  for (let start = 0; start < specs.length; start += specsAtOnce) {
    const args = ["cache", "add", "--ignore-scripts", "--", ...specs.slice(start, start + specsAtOnce)];
    await runChild(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  }
}

const specsAtOnce = 64;

async function cargo([program, ...args]: readonly string[], options: Options): Promise<void> {
  refuseOther(program!, "cargo", faultOfCargo(args));
  const root = await workspaceOf(program!);
  const found = await atHand(await readLockFile(join(root, "Cargo.lock")), options.packages);
  await runIfAccepted(await auditPackages(found, options), program!, args);
}

/** The folder of the workspace, whose lock cargo reads. */
async function workspaceOf(program: string): Promise<string> {
  const args = ["locate-project", "--workspace", "--message-format", "plain"];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const failed = new Promise<never>((_, reject) => child.on("error", reject));
  const file = (await Promise.race([textOf(child.stdout), failed])).trim();
  if (basename(file) !== "Cargo.toml") throw badArgument("cargo finds no project here");
  return join(file, "..");
}

async function runIfAccepted(audited: AuditedPackages, program: string, args: readonly string[]): Promise<void> {
  createOutput(false, process.stderr).data(audited.facts, () => [
    ...linesOfAudit(audited),
    ...(audited.status === exitStatus.ok ? [] : [`${program} was not run.`]),
  ]);
  process.exitCode =
    audited.status === exitStatus.ok
      ? ((await runChild(program, args, { stdio: "inherit" })) ?? exitStatus.failed)
      : audited.status;
}

function refuseOther(program: string, expected: string, fault: string | undefined): void {
  if (basename(program) !== expected) throw badArgument(`after -- comes ${expected}, and not ${program}`);
  if (fault !== undefined) throw badArgument(fault);
}

function badArgument(message: string) {
  return new AssayError("cli/bad-argument", message);
}
