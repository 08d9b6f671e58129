import type { Root } from "../../../src/core/bytes.ts";
import { challengeWord } from "../../../src/protocol/challenge.ts";
import { zeroRoot } from "../../../src/protocol/hash.ts";
import type { Party } from "./calls.ts";
import type { ModelChain } from "./modelChain.ts";
import { buildStatus, seniorOf, statusNumber } from "./modelClaims.ts";
import { claimsOf, coveredBy, livingRoots, type ModelState, openChallenges, owedTo } from "./modelState.ts";

/** What is looked at after a call: everything that the game has made so far. */
export interface Scope {
  readonly parties: readonly Party[];
  readonly claims: readonly { readonly solver: Party; readonly id: Root }[];
  readonly builds: readonly Root[];
  readonly roots: readonly (readonly [buildId: Root, finalRoot: Root])[];
  readonly stakes: readonly Root[];
  readonly challenges: readonly Root[];
  readonly requests: readonly Root[];
}

/** Answers of the views of `IAssay` on a scope, each as the list of its values in their order. */
export type Observation = Readonly<Record<keyof Scope | "results" | "rewards", readonly (readonly unknown[])[]>>;

export function scopeOf({ state }: ModelChain, parties: readonly Party[]): Scope {
  const revealed = [...state.claims.values()].flatMap(({ shown }) => (shown === undefined ? [] : [shown.reference]));
  const roots = new Map(revealed.map(({ buildId, finalRoot }) => [buildId + finalRoot, [buildId, finalRoot] as const]));
  return {
    parties,
    claims: [...state.claims.values()].map(({ solver, id }) => ({ solver, id })),
    builds: [...state.builds.keys()],
    roots: [...roots.values()].filter(([buildId]) => state.builds.get(buildId)!.final === undefined),
    stakes: [...state.stakes.keys()],
    challenges: [...state.challenges.keys()],
    requests: [...state.requests.keys()],
  };
}

/** What the contract should say, recounted from the model. */
export function expectedOf({ state }: ModelChain, scope: Scope): Observation {
  const claims = [...state.claims.values()];
  return {
    parties: scope.parties.map((party) => [owedTo(state, party)]),
    // The contract counts no challenges to a claim that is over: they may end later, or never.
    claims: claims.map((claim) => {
      const { status, committedAt, windowEnd } = claim;
      return [
        statusNumber(claim),
        committedAt,
        windowEnd,
        ...(status === "open" ? [openChallenges(state, claim)] : []),
      ];
    }),
    builds: scope.builds.map((buildId) => wordsOf(state, buildId)),
    roots: scope.roots.map(([buildId, root]) => [livingRoots(state, buildId).filter((one) => one === root).length]),
    results: scope.builds.map((buildId) => resultOf(state, buildId)),
    rewards: scope.builds.map((buildId) => rewardOf(state, buildId)),
    stakes: [...state.stakes].map(([key, { status }]) => {
      const covered = coveredBy(state, key);
      const open = covered.filter((one) => one.status === "open").length;
      return [["none", "live", "lost", "returned"].indexOf(status), open, covered.length > 1];
    }),
    challenges: [...state.challenges.values()].map(({ status, at }) => [
      status === "open" ? challengeWord(at) : zeroRoot,
    ]),
    requests: [...state.requests.values()].map((amount) => [amount]),
  };
}

/** Both words of a build: while it is not final, what lives of its round; afterwards its result. */
function wordsOf(state: ModelState, buildId: Root): unknown[] {
  const { joinDeadline, contradictionEndedAt, final, firstRoot } = state.builds.get(buildId)!;
  const open = claimsOf(state, buildId, "open").length;
  if (final !== undefined) {
    const { endStatus, artifactSize, code, recordVersion, artifactSha256 } = final.outcome;
    const result = [final.at, artifactSize, code, recordVersion];
    return [endStatus, open, joinDeadline, 0, 0, 0, ...result, artifactSha256];
  }
  const living = livingRoots(state, buildId);
  const first = living.filter((root) => root === firstRoot).length;
  const phase = joinDeadline === 0 ? 0 : 1;
  return [phase, open, joinDeadline, new Set(living).size, first, contradictionEndedAt, 0, 0, 0, 0, firstRoot];
}

function resultOf(state: ModelState, buildId: Root): unknown[] {
  const { final } = state.builds.get(buildId)!;
  const status = ["unknown", "open", "contradicted", "final"].indexOf(buildStatus(state, buildId));
  if (final === undefined) return [status, 0, 0, 0, 0, 0, 0, zeroRoot];
  const { endStatus, code, recordVersion, artifactSize, artifactSha256 } = final.outcome;
  const [trapCode, exitCode] = endStatus === 3 ? [code, 0] : [0, code];
  return [status, final.at, endStatus, trapCode, recordVersion, exitCode, artifactSize, artifactSha256];
}

/** The senior claim is only remembered while a reward waits for it. */
function rewardOf(state: ModelState, buildId: Root): unknown[] {
  const { reward } = state.builds.get(buildId)!;
  const senior = reward === 0n ? undefined : seniorOf(state, buildId);
  return [reward, senior?.solver ?? `0x${"0".repeat(40)}`, senior?.id ?? zeroRoot];
}

/** The values of an observation, or of an error's arguments, so that both sides' can be compared. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return String(value).toLowerCase();
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}
