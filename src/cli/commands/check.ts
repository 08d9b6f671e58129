import { stat } from "node:fs/promises";
import type { Command } from "commander";
import type { AttestationSource } from "../../attestation/board.ts";
import { readPolicy } from "../../client/node/policyFile.ts";
import { checkProofs } from "../../client/node/proofs.ts";
import { type AskFault, ask, type Verdict } from "../../client/policy/ask.ts";
import { failed } from "../../client/policy/decide.ts";
import type { BuildAnswer } from "../../client/policy/evidence.ts";
import { unprovenWords } from "../../client/policy/independence.ts";
import type { Policy } from "../../client/policy/policy.ts";
import type { Root } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { type AuditOptions, withAuditOptions } from "../auditOptions.ts";
import { type BuildOptions, buildRequestOf, withBuildOptions } from "../buildOptions.ts";
import { evidenceKeeper } from "../evidenceKeeper.ts";
import { type ExitStatus, exitStatus } from "../exitStatus.ts";
import { hashesOfFile } from "../fileDigest.ts";
import { rowsOfKeys } from "../keyNewsText.ts";
import { parseRoot } from "../options.ts";
import { createOutput, type Output, table } from "../output.ts";
import { openAsking, type PolicyOptions, withPolicyOptions } from "../policyOptions.ts";
import type { SignedVerdict, SummarySigner } from "../summary.ts";

interface Options extends BuildOptions, PolicyOptions, AuditOptions {
  readonly artifact?: string;
  readonly buildId?: Root;
  readonly keep?: string;
  readonly lock?: string;
  readonly attest?: string;
  readonly passwordFile?: string;
  readonly publish?: string;
  readonly bundle?: string;
  readonly json: boolean;
}

export function defineCheck(command: Command): void {
  withPolicyOptions(command)
    .argument("[source or artifact]", `a file is an artifact; anything else is a source: ${sourceHelp}`)
    .option("--artifact <file>", "with a source: the artifact at hand")
    .option("--build-id <root>", "a build id instead of a source", parseRoot)
    .option(
      "--keep <folder>",
      "keep what your keys have signed of it, to check again with --offline --from file:<folder>",
    )
    .option("--lock <file>", "every package of this package-lock.json or Cargo.lock instead (docs/packages.md)")
    .option("--attest <file>", "if it is accepted: sign a verification summary with this key, for others' policies")
    .option("--password-file <file>", "file that holds the key's password on its first line (default: ASSAY_PASSWORD)")
    .option("--publish <folder>", "with --attest: add the summary to the signed results in this folder")
    .option("--bundle <file>", "with --attest: write it as JSON Lines (.intoto.jsonl)");
  withBuildOptions(withAuditOptions(command))
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
The answer is accepted, refused or undecided, under your own policy (docs/policy.md).

With --lock, of many packages, it is the worst: refused before undecided where something could not be asked, before undecided.

Exit status: 0 accepted; 2 the policy or the arguments are wrong; 3 undecided; 5 refused; 6 undecided, and something could not be
asked; 8 accepted that the build fails.

Examples:
  assay check project.tar.gz
  assay check project.tar.gz --policy policy.yaml --from https://builds.example.org/ --json
  assay check git+https://example.org/project.git --rev v1.2 --artifact project-1.2.tar.gz
  assay check project.tar.gz --offline --from file:./attestations --revocations revoked.intoto.jsonl
  assay check project.tar.gz --keep ./kept
  assay check project.tar.gz --offline --from file:./kept
  assay check project.tar.gz --attest signing.json --publish ./store
  assay check --lock package-lock.json --allow-unknown`,
    )
    .action(run);
}

async function run(what: string | undefined, options: Options): Promise<void> {
  const output = createOutput(options.json);
  if (options.lock !== undefined) return await checkLock(options.lock, what, options, output);
  const policy = await readPolicy(options.policy);
  const signer = await openSigner(options, policy);
  const { buildId, artifact, commit } = await questionOf(what, options);
  const digests = artifact === undefined ? undefined : await hashesOfFile(artifact);
  const artifactSha256 = digests?.sha256;
  const asking = await openAsking(policy, options);
  const places = [...asking.sources, ...(await notesOf(what, commit, options))];
  const keeper = options.keep === undefined ? undefined : evidenceKeeper(places, policy);
  const sources = keeper?.sources ?? places;
  try {
    const proven = await checkProofs(policy, digests, options);
    const attestedBy = () => new Set([...asking.evidence.about(digests!), ...proven.names]);
    const { finalOn, aboutKeys } = asking;
    const verdict = await ask(policy, { artifactSha256, buildId }, { sources, finalOn, aboutKeys, attestedBy });
    const faults = [...verdict.faults, ...asking.faults, ...proven.faults];
    const status = statusOfVerdict({ ...verdict, faults });
    const signed = await signer?.sign(verdict, artifact);
    const kept = await keeper?.keep(options.keep!);
    const facts = { artifactSha256, ...verdict, faults, ...(signer !== undefined && { signed: signed ?? null }), kept };
    output.data(facts, () => [
      ...linesOf(verdict, artifactSha256, faults),
      ...(signer === undefined ? [] : [signedLine(signed)]),
      ...(kept === undefined ? [] : [`kept in ${options.keep}: ${kept} signed statements.`]),
    ]);
    process.exitCode = status;
  } finally {
    asking.close();
  }
}

/** @throws AssayError `cli/bad-argument` where something else is asked about too. */
async function checkLock(lock: string, what: string | undefined, options: Options, output: Output): Promise<void> {
  const { artifact, buildId, attest, publish, bundle } = options;
  if (options.proof.size > 0) throw badArgument("--proof is about one artifact: check that by itself, without --lock");
  if ([what, artifact, buildId, attest, publish, bundle].some((each) => each !== undefined))
    throw badArgument("--lock asks about the packages of a lock file, and about nothing else");
  const { auditLock, linesOfAudit } = await import("../packageAudit.ts");
  const audited = await auditLock(lock, options);
  output.data(audited.facts, () => linesOfAudit(audited));
  process.exitCode = audited.status;
}

/** What signs the verdict, if that is wanted; its code is loaded only then. */
async function openSigner(options: Options, policy: Policy): Promise<SummarySigner | undefined> {
  const { attest, publish, bundle } = options;
  if ((attest ?? publish ?? bundle) === undefined) return undefined;
  return await (await import("../summary.ts")).openSummarySigner(options, policy, options.policy);
}

function signedLine(signed: SignedVerdict | undefined): string {
  if (signed === undefined) return "nothing is signed: neither builders nor a chain, as the policy names them, say so.";
  return `signed by ${signed.key}: ${signed.levels.join(", ")}.`;
}

/** The notes of the commit that is asked about, if it is one; those of a repository elsewhere are fetched. */
async function notesOf(
  what: string | undefined,
  commit: string | undefined,
  { offline }: Options,
): Promise<AttestationSource[]> {
  if (what === undefined || commit === undefined || (offline && /^git\+(https|ssh):/.test(what))) return [];
  const { noteSource } = await import("../../agents/notes.ts");
  return [noteSource(what, commit, { environment: process.env, timeoutSeconds: 60 })];
}

interface Asked {
  readonly buildId?: Root | undefined;
  readonly artifact?: string | undefined;
  /** Of a source that is one. */
  readonly commit?: string | undefined;
}

/** What is asked about: an artifact's file, a build, or both. */
async function questionOf(what: string | undefined, options: Options): Promise<Asked> {
  const { buildId, artifact } = options;
  if (what === undefined) {
    if (buildId !== undefined || artifact !== undefined) return { buildId, artifact };
    throw badArgument("name an artifact, a source, or --build-id");
  }
  const isFile =
    !what.includes("://") &&
    (await stat(what).then(
      (facts) => facts.isFile(),
      () => false,
    ));
  if (isFile) {
    if (artifact !== undefined) throw badArgument(`two artifacts were named: ${what} and ${artifact}`);
    return { buildId, artifact: what };
  }
  if (buildId !== undefined) throw badArgument("name either a source or --build-id");
  // With the environments and all that reads sources, which an artifact by itself takes nothing of.
  const { identifyBuild } = await import("../../build/node/identifyBuild.ts");
  const { buildId: identified, description } = await identifyBuild(await buildRequestOf(what, options));
  return { buildId: identified, artifact, commit: description.kind === "git" ? description.commit : undefined };
}

/** The exit status that a verdict comes to. */
export function statusOfVerdict({ decision, answers, faults }: Verdict): ExitStatus {
  if (decision === "accepted") return answers[0]!.outcome === failed ? exitStatus.buildFailed : exitStatus.ok;
  if (decision === "refused") return exitStatus.mismatch;
  return faults.length > 0 ? exitStatus.unreachable : exitStatus.notFinal;
}

function linesOf(verdict: Verdict, artifact: string | undefined, faults: readonly AskFault[]): string[] {
  const lines: string[] = [];
  if (artifact !== undefined) lines.push(...table([["artifact at hand", artifact]]), "");
  for (const answer of verdict.answers) lines.push(...table(rowsOf(answer)), "");
  if (verdict.keys.length > 0) lines.push(...table(rowsOfKeys(verdict.keys)), "");
  if (faults.length > 0) lines.push(...table(faults.map(({ who, why }) => ["missing", `${who}: ${why}`])), "");
  lines.push(`${words[verdict.decision](verdict)}.`);
  return lines;
}

function rowsOf(answer: BuildAnswer): [string, string][] {
  const { buildId, outcome, results, agree, mismatches, misses, unproven, score } = answer;
  const result = results[0]?.result;
  return [
    ...(buildId === undefined ? [] : [["build", buildId] as [string, string]]),
    ...(outcome === undefined
      ? []
      : [["gives", outcome === failed ? "no artifact: it fails" : outcome] as [string, string]]),
    ...(result === undefined ? [] : [["source", sourceOf(result.source)] as [string, string]]),
    ...(result === undefined
      ? []
      : [["environment", `${result.environment.name} ${result.environment.id}`] as [string, string]]),
    ["agree", `${score.agree} of ${score.of}: ${agree.join(", ") || "nobody"}`],
    ...mismatches.map(
      ({ name, outcomes }) => ["says otherwise", `${name}: ${outcomes.join(" and ")}`] as [string, string],
    ),
    ...unproven.map(({ name, why }) => ["not counted", `${name}: ${unprovenWords[why]}`] as [string, string]),
    ...(misses.length === 0 ? [] : [["silent", misses.join(", ")] as [string, string]]),
  ];
}

function sourceOf({ uri, digest }: BuildAnswer["results"][number]["result"]["source"]): string {
  const [algorithm, value] = Object.entries(digest)[0]!;
  return `${uri} (${algorithm} ${value})`;
}

const words: Readonly<Record<Verdict["decision"], (verdict: Verdict) => string>> = {
  accepted: ({ answers }) => (answers[0]!.outcome === failed ? "accepted: the build fails" : "accepted"),
  refused: () => "refused: those whom the policy asks say otherwise",
  undecided: ({ answers }) =>
    answers.length === 0
      ? "undecided: nobody whom the policy asks has signed a result about it"
      : answers[0]!.rivals.length > 0
        ? "undecided: the policy holds for more than one outcome"
        : "undecided: the policy may yet hold, when more is known",
};

function badArgument(message: string) {
  return new AssayError("cli/bad-argument", message);
}
