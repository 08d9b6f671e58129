import { homedir } from "node:os";
import { join } from "node:path";
import { readPolicy } from "../client/node/policyFile.ts";
import type { AskFault, Verdict } from "../client/policy/ask.ts";
import { audit, type Finding } from "../client/policy/audit.ts";
import { unprovenWords } from "../client/policy/independence.ts";
import type { KeyNews } from "../client/policy/keyNews.ts";
import { printable } from "../core/printable.ts";
import type { LockedPackage } from "../packages/lockedPackage.ts";
import { Archives } from "../packages/node/archives.ts";
import { readLockFile } from "../packages/node/lockFile.ts";
import type { AuditOptions } from "./auditOptions.ts";
import { type ExitStatus, exitStatus } from "./exitStatus.ts";
import { rowsOfKeys } from "./keyNewsText.ts";
import { grid, table } from "./output.ts";
import { openAsking, type PolicyOptions } from "./policyOptions.ts";

/** What was decided about one package. */
export interface AuditedPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string | undefined;
  readonly sha512?: string | undefined;
  readonly finding: Finding;
  /** Why it is undecided without having been asked about. */
  readonly why?: string | undefined;
  readonly verdict?: Verdict | undefined;
}

export interface AuditedPackages {
  readonly packages: readonly AuditedPackage[];
  readonly keys: readonly KeyNews[];
  readonly faults: readonly AskFault[];
  readonly status: ExitStatus;
  /** For `--json`. */
  readonly facts: unknown;
}

/** A package whose archive's sha256 is known, or why it is not. */
export type PackageAtHand = Pick<AuditedPackage, "name" | "version" | "sha256" | "sha512" | "why">;

/** @throws AssayError `packages/bad-lock`, and as `readPolicy` and `openAsking` */
export async function auditLock(file: string, options: PolicyOptions & AuditOptions): Promise<AuditedPackages> {
  const locked = await readLockFile(file);
  return await auditPackages(await atHand(locked, options.packages), options);
}

/** Packages with the sha256 of their archives, where the lock has it or the bytes are in a folder; by default in npm's cache. */
export async function atHand(locked: readonly LockedPackage[], folders: readonly string[]): Promise<PackageAtHand[]> {
  const archives = await Archives.in(folders.length > 0 ? folders : [npmCache()]);
  const found: PackageAtHand[] = [];
  for (const { name, version, digest, why } of locked) {
    const sha256 = digest === undefined ? undefined : await archives.sha256Of(digest);
    const sha512 = digest?.algorithm === "sha512" ? digest.digest : undefined;
    found.push({ name, version, sha256, sha512, why: why ?? (sha256 === undefined ? notHere : undefined) });
  }
  return found;
}

const notHere = "its archive is not here, so that its sha256 is not known";

/** Where npm keeps what it has fetched, as its environment says. */
function npmCache(): string {
  return process.env.npm_config_cache || join(homedir(), ".npm");
}

/** Decides about packages, each by itself. The status is the worst of all. */
export async function auditPackages(
  packages: readonly PackageAtHand[],
  options: PolicyOptions & AuditOptions,
): Promise<AuditedPackages> {
  const policy = await readPolicy(options.policy);
  const asking = await openAsking(policy, options);
  try {
    const sha512s = new Map(packages.map(({ sha256, sha512 }) => [sha256, sha512]));
    const attestedBy = (sha256: string) => asking.evidence.about({ sha256, sha512: sha512s.get(sha256) });
    const known = packages.flatMap(({ sha256 }) => sha256 ?? []);
    const { verdicts, keys, faults: found } = await audit(policy, known, { ...asking, attestedBy });
    const faults = [...found, ...asking.faults];
    const audited = packages.map((each): AuditedPackage => {
      const verdict = each.sha256 === undefined ? undefined : verdicts.get(each.sha256);
      // A source that was not asked may know it.
      const isUnsure = verdict?.finding === "unknown" && faults.length > 0;
      return { ...each, finding: isUnsure ? "undecided" : (verdict?.finding ?? "undecided"), verdict };
    });
    const status = worst(audited, faults, options.allowUnknown);
    const counts = countsOf(audited);
    return { packages: audited, keys, faults, status, facts: { status, counts, packages: audited, keys, faults } };
  } finally {
    asking.close();
  }
}

function worst(packages: readonly AuditedPackage[], faults: readonly AskFault[], allowUnknown: boolean): ExitStatus {
  const findings = new Set(packages.map(({ finding }) => finding));
  if (findings.has("refused")) return exitStatus.mismatch;
  if (findings.has("undecided")) return faults.length > 0 ? exitStatus.unreachable : exitStatus.notFinal;
  return findings.has("unknown") && !allowUnknown ? exitStatus.notFinal : exitStatus.ok;
}

const order: readonly Finding[] = ["refused", "undecided", "unknown", "accepted"];

function countsOf(packages: readonly AuditedPackage[]): Readonly<Record<Finding, number>> {
  const counts = { accepted: 0, undecided: 0, refused: 0, unknown: 0 };
  for (const { finding } of packages) counts[finding]++;
  return counts;
}

/** For people: the worst last, where a terminal shows them. */
export function linesOfAudit({ packages, keys, faults }: AuditedPackages): string[] {
  const counts = countsOf(packages);
  const rows = packages
    .toSorted((a, b) => order.indexOf(b.finding) - order.indexOf(a.finding))
    .map(({ name, version, finding, why, verdict }) => {
      return [printable(name), printable(version), finding, why ?? wordsOf(verdict)];
    });
  return [
    ...(rows.length === 0 ? [] : [...grid(["package", "version", "decision", "because"], rows), ""]),
    ...(keys.length === 0 ? [] : [...table(rowsOfKeys(keys)), ""]),
    ...(faults.length === 0 ? [] : [...table(faults.map(({ who, why }) => ["missing", `${who}: ${why}`])), ""]),
    `${packages.length} packages: ${order
      .toReversed()
      .map((each) => `${counts[each]} ${each}`)
      .join(", ")}.`,
  ];
}

function wordsOf(verdict: Verdict | undefined): string {
  const [answer] = verdict?.answers ?? [];
  if (answer === undefined) return "nobody whom the policy asks says anything of it";
  const { score, agree, mismatches, unproven } = answer;
  const others = mismatches.length === 0 ? "" : `; ${mismatches.map(({ name }) => name).join(", ")} say otherwise`;
  const notCounted = unproven.map(({ name, why }) => `; ${name} ${unprovenWords[why]}`).join("");
  return `${score.agree} of ${score.of} agree: ${agree.join(", ") || "nobody"}${others}${notCounted}`;
}
