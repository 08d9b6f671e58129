import { useEffect } from "preact/hooks";
import type { Root } from "../../../core/bytes.ts";
import { policy } from "./state.ts";
import { verdicts, wantVerdict } from "./verdicts.ts";

/** What the viewer's policy says of a build, in a word and two numbers. */
export function TrustCell({ buildId }: { readonly buildId: Root }) {
  const own = policy.value;
  useEffect(() => wantVerdict(buildId), [buildId, own]);
  if (own === undefined) return <span class="quiet">no policy</span>;
  const judged = verdicts.value.get(buildId);
  if (judged === undefined) return <span class="quiet">…</span>;
  if (judged.kind === "failed") return <span class="quiet">not known</span>;
  const { decision, answers } = judged.verdict;
  const score = answers[0]?.score;
  return (
    <span class={`trust trust-${decision}`}>
      {decision}
      {score !== undefined && (
        <span class="quiet">
          {" "}
          {score.agree} of {score.of}
        </span>
      )}
    </span>
  );
}
