import type { BuildAnswer } from "../../../client/policy/evidence.ts";
import type { Root } from "../../../core/bytes.ts";
import type { BuildDetail, ClaimSummary } from "../../records.ts";
import { shortHash } from "../format.ts";
import type { OwnRun } from "../verify/ownRuns.ts";

/** One of the results of a build, of a claim, a signer or the tab. */
export interface Side {
  readonly key: string;
  /** Who says it, for people. Names from outside are in it. */
  readonly name: string;
  readonly finalRoot: Root;
  /** How it ended. */
  readonly end: string;
  /** `later`: known when it is asked for. */
  readonly artifact: Artifact | "none" | "later";
  readonly log?: Artifact | undefined;
  readonly claim?: ClaimSummary | undefined;
  readonly own?: OwnRun | undefined;
}

export interface Artifact {
  /** In hexadecimal. */
  readonly sha256: string;
  readonly size: number;
  readonly name?: string | undefined;
}

/** Everybody's result of a build: of claims, the newest last; of those whom the viewer believes; of runs in this tab. */
export function sidesOf(build: BuildDetail, answers: readonly BuildAnswer[], runs: readonly OwnRun[]): readonly Side[] {
  const signed = answers
    .filter(({ buildId }) => buildId === build.buildId)
    .flatMap(({ results, others }) => [...results, ...others]);
  return [
    ...build.claimList.map(sideOfClaim),
    ...signed.map(({ builders, result, statementId }): Side => {
      const { finalRoot, exitCode, artifact, log } = result;
      const common = { key: statementId, name: `signed by ${builders.join(", ")}`, finalRoot, log };
      return { ...common, end: `exit code ${exitCode}`, artifact: artifact ?? "none" };
    }),
    ...runs.filter(({ buildId }) => buildId === build.buildId).map(sideOfRun),
  ];
}

function sideOfClaim(claim: ClaimSummary): Side {
  const { claimId, status, finalRoot, outcome } = claim;
  const { artifactSha256, artifactSize, end, code, exitCode } = outcome;
  const sha256 = artifactSha256.slice(2);
  return {
    key: claimId,
    name: `claim ${shortHash(claimId)}, ${status}`,
    finalRoot,
    end: exitCode === undefined ? `${end}, ${code}` : `exit code ${exitCode}`,
    artifact: /^0*$/.test(sha256) ? "none" : { sha256, size: Number(artifactSize) },
    claim,
  };
}

function sideOfRun(own: OwnRun): Side {
  const { verdict, claimId } = own;
  const finalRoot = verdict.kind === "agrees" ? verdict.finalRoot : verdict.ownFinalRoot;
  return { key: `own ${claimId}`, name: "run in this tab", finalRoot, end: "", artifact: "later", own };
}

/** The two that are shown first: the newest claim that lives, or the newest of all, beside the newest that says otherwise. */
export function firstPair(sides: readonly Side[]): readonly [Side, Side] | undefined {
  const claims = sides.filter(({ claim }) => claim !== undefined);
  const first = claims.findLast(({ claim }) => claim!.status !== "refuted") ?? claims.at(-1) ?? sides.at(-1);
  if (first === undefined) return undefined;
  const isOther = ({ finalRoot }: Side) => finalRoot !== first.finalRoot;
  const second = claims.findLast(isOther) ?? sides.findLast(isOther);
  return second && [first, second];
}
