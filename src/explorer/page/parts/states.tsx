import type { BuildState, ClaimSummary, DisputeSummary, Outcome } from "../../records.ts";
import { bytesText } from "../format.ts";
import { Hash } from "./hash.tsx";

const words: Readonly<Record<BuildState | ClaimSummary["status"], string>> = {
  requested: "requested",
  open: "open",
  contradicted: "contradicted",
  refuted: "refuted",
  final: "final",
};

const meanings: Readonly<Record<BuildState, string>> = {
  requested: "nobody has claimed it",
  open: "its living claims agree; it can still be challenged",
  contradicted: "its living claims disagree",
  refuted: "all claims about it are refuted",
  final: "no claim can change it any more",
};

/** The state of a build or claim. `isProven`: read from the contract itself, not only said by the index. */
export function State({ state, isProven = false }: { readonly state: BuildState; readonly isProven?: boolean }) {
  return (
    <span class={`state state-${state}${isProven ? " state-proven" : ""}`} title={meanings[state]}>
      {words[state]}
      {isProven && <span class="only-heard">, read from the contract</span>}
    </span>
  );
}

export function disputeWords({ status, won }: Pick<DisputeSummary, "status" | "won">): string {
  if (status === "open") return "open";
  if (won) return "the claim fell";
  return status === "lost" ? "the challenger gave up" : "closed";
}

export function DisputeState({ dispute }: { readonly dispute: Pick<DisputeSummary, "status" | "won"> }) {
  const kind = dispute.status === "open" ? "contradicted" : dispute.won ? "refuted" : "requested";
  return <span class={`state state-${kind}`}>{disputeWords(dispute)}</span>;
}

/** How a build ended: its artifact, or that it failed. */
export function OutcomeLine({ outcome }: { readonly outcome: Outcome }) {
  const { end, exitCode, code, artifactSha256, artifactSize } = outcome;
  if (end === "trapped") return <span class="failed">trapped ({code})</span>;
  if (exitCode !== 0) return <span class="failed">failed, exit code {exitCode ?? code}</span>;
  return (
    <span>
      <Hash value={artifactSha256.replace(/^0x/, "")} of="artifact's sha256" />{" "}
      <span class="quiet">{bytesText(Number(artifactSize))}</span>
    </span>
  );
}
