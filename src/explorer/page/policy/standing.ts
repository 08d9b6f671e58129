import { type BuildOutcome, failed, type Standing } from "../../../client/policy/decide.ts";
import type { BuildAnswer } from "../../../client/policy/evidence.ts";
import type { Outcome } from "../../records.ts";

/** What a claim says that a build gives, as builders sign it. */
export function claimedOutcome({ end, exitCode, artifactSha256 }: Outcome): BuildOutcome {
  const sha256 = artifactSha256.slice(2);
  return end === "halted" && exitCode === 0 && !/^0*$/.test(sha256) ? sha256 : failed;
}

/**
 * Where those stand to an outcome whom a policy names, whatever the answer itself is about: who has signed another one, or more than one, says
 * otherwise.
 */
export function standingTo(answer: BuildAnswer, outcome: BuildOutcome): Standing {
  const said = [
    ...answer.agree.map((name) => ({ name, outcomes: [answer.outcome!] as readonly BuildOutcome[] })),
    ...answer.mismatches,
  ];
  const isSame = ({ outcomes }: { readonly outcomes: readonly BuildOutcome[] }) =>
    outcomes.length === 1 && outcomes[0] === outcome;
  return {
    agree: said.filter(isSame).map(({ name }) => name),
    mismatches: said.filter((each) => !isSame(each)),
    misses: answer.misses,
    unproven: answer.unproven,
  };
}
