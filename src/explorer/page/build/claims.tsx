import { useEffect, useRef } from "preact/hooks";
import type { Root } from "../../../core/bytes.ts";
import type { BuildDetail, ClaimSummary } from "../../records.ts";
import { counted, ether } from "../format.ts";
import { Facts, Section } from "../parts/facts.tsx";
import { Hash } from "../parts/hash.tsx";
import { DisputeState, OutcomeLine, State } from "../parts/states.tsx";
import { Ago, Remaining } from "../parts/time.tsx";
import { Words } from "../parts/words.tsx";
import { hrefOf } from "../router.ts";
import { VerifyHere } from "./verifyHere.tsx";

interface ClaimsProps {
  readonly build: BuildDetail;
  readonly selected: Root | undefined;
}

export function Claims({ build, selected }: ClaimsProps) {
  const { claimList } = build;
  return (
    <Section title="Claims" id="claims" aside={<span class="quiet">{counted(claimList.length, "claim")}</span>}>
      {claimList.length === 0 && <p class="quiet">Nobody has claimed a result yet.</p>}
      {claimList.map((claim) => (
        <Claim claim={claim} build={build} isSelected={claim.claimId === selected} key={claim.claimId} />
      ))}
    </Section>
  );
}

interface ClaimProps {
  readonly claim: ClaimSummary;
  readonly build: BuildDetail;
  readonly isSelected: boolean;
}

const causes = {
  fault: "a wrong step was proven on chain",
  timeout: "its solver did not answer in time",
  concession: "its solver conceded",
} as const;

function Claim({ claim, build, isSelected }: ClaimProps) {
  const { chain, claimId, solver, status, outcome, finalRoot, locator, bond, revealedAt, windowEnd } = claim;
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isSelected) element.current?.scrollIntoView({ block: "center" });
  }, [isSelected]);
  const disputes = build.disputeList.filter((dispute) => dispute.claimId === claimId);
  const { refutation, finalizableFrom } = claim;
  return (
    <article
      ref={element}
      class={`claim${isSelected ? " claim-selected" : ""}`}
      aria-label={`Claim ${claimId.slice(0, 10)}`}
      data-claim={claimId}
    >
      <div class="claim-head">
        <State state={status === "refuted" ? "refuted" : status} />
        <Hash value={claimId} of="claim id" href={hrefOf({ view: "claim", chain, id: claimId })} />
        <span>
          by <Hash value={solver} of="solver" href={hrefOf({ view: "operator", chain, id: solver })} />
        </span>
        <Ago chain={chain} at={revealedAt} />
      </div>
      <Facts
        isWide
        entries={[
          ["Claims", <OutcomeLine key="outcome" outcome={outcome} />],
          ["Last state", <Hash key="root" value={finalRoot} of="root of the last state" />],
          ["Bond", ether(bond)],
          [
            "Window",
            status === "open" ? <Remaining chain={chain} at={windowEnd} /> : <Ago chain={chain} at={windowEnd} />,
          ],
          ["Can be final", status === "open" ? <Remaining chain={chain} at={finalizableFrom} /> : undefined],
          ["Published as", <Words key="locator" text={locator} most={100} isCode />],
          ["Refuted", refutation && causes[refutation.cause]],
          [
            "Of the bond",
            refutation && (
              <>
                {ether(refutation.paid)} to <Hash value={refutation.rewarded} of="challenger" />,{" "}
                {ether(refutation.burned)} burned
              </>
            ),
          ],
        ]}
      />
      {disputes.length > 0 && (
        <ul class="plain-list">
          {disputes.map((dispute) => (
            <li key={dispute.challengeId}>
              <DisputeState dispute={dispute} />{" "}
              <a href={hrefOf({ view: "dispute", chain, id: dispute.challengeId })}>
                Dispute of {counted(dispute.moves, "move")}
              </a>{" "}
              with <Hash value={dispute.challenger} of="challenger" />
            </li>
          ))}
        </ul>
      )}
      <VerifyHere claim={claim} />
    </article>
  );
}
