import { useEffect, useRef } from "preact/hooks";
import type { Root } from "../../../core/bytes.ts";
import type { ChainKey, DisputeDetail } from "../../records.ts";
import { disputeOnChain } from "../chain/gateway.ts";
import { announce } from "../parts/announcer.tsx";
import { Facts, Section } from "../parts/facts.tsx";
import { Hash } from "../parts/hash.tsx";
import { Heading } from "../parts/heading.tsx";
import { Notice, Waiting } from "../parts/notice.tsx";
import { DisputeState } from "../parts/states.tsx";
import { Ago } from "../parts/time.tsx";
import { Words } from "../parts/words.tsx";
import { hrefOf } from "../router.ts";
import { useAsked } from "../state/asked.ts";
import { theIndex } from "../state/index.ts";
import { tell } from "../told.ts";
import { moveWords, rangeWords } from "./bars.ts";
import { Clocks } from "./clocks.tsx";
import { Picture } from "./picture.tsx";
import { ReplayControls, useReplay } from "./replay.tsx";
import { ProvenStepPanel } from "./step.tsx";

export function Dispute({ chain, id }: { readonly chain: ChainKey; readonly id: string }) {
  const { value, error, isAnswered } = useAsked(`dispute ${chain} ${id}`, async (signal) => {
    const index = theIndex();
    return await tell(index && (() => index.dispute(chain, id, signal)), () => disputeOnChain(chain, id as Root));
  });
  if (value === undefined)
    return (
      <>
        <Heading>Dispute</Heading>
        {isAnswered && error === undefined ? (
          <Notice>
            Neither the index nor the chain has a dispute with this id: <code class="hash-whole">{id}</code>
          </Notice>
        ) : (
          <Waiting error={error} what="the dispute" />
        )}
      </>
    );
  return (
    <>
      {error !== undefined && <Waiting error={error} what="what is new" />}
      <DisputeShown dispute={value.value} why={value.why} />
    </>
  );
}

function DisputeShown({ dispute, why }: { readonly dispute: DisputeDetail; readonly why: string | undefined }) {
  const { chain, challengeId, claimId, buildId, solver, challenger, moveList, openedAt, claim } = dispute;
  const replay = useReplay(moveList.length);
  const { made, isLive } = replay;
  const move = moveList[made - 1];
  const words = move === undefined ? "Before the challenge" : moveWords(move);
  useEndAnnounced(dispute);
  const standing = moveList.slice(0, made).findLast(({ range }) => range !== undefined);
  return (
    <>
      <Heading
        aside={
          <>
            <DisputeState dispute={dispute} />
            <Ago chain={chain} at={openedAt} />
          </>
        }
      >
        Dispute <Hash value={challengeId} of="dispute id" />
      </Heading>
      {why !== undefined && (
        <Notice>
          This is read from the chain alone: <Words text={why} />.
        </Notice>
      )}
      <Section title="Sides" id="sides">
        <Facts
          isWide
          entries={[
            [
              "Solver",
              <Hash key="s" value={solver} of="solver" href={hrefOf({ view: "operator", chain, id: solver })} />,
            ],
            [
              "Challenger",
              <Hash
                key="c"
                value={challenger}
                of="challenger"
                href={hrefOf({ view: "operator", chain, id: challenger })}
              />,
            ],
            [
              "Claim",
              <Hash key="l" value={claimId} of="claim id" href={hrefOf({ view: "claim", chain, id: claimId })} />,
            ],
            [
              "Build",
              <Hash key="b" value={buildId} of="build id" href={hrefOf({ view: "build", chain, id: buildId })} />,
            ],
          ]}
        />
      </Section>
      <Section title="Bisection" id="bisection" aside={!isLive && <span class="badge badge-hint">replay</span>}>
        <Clocks dispute={dispute} made={made} isLive={isLive} />
        <ReplayControls replay={replay} moves={moveList.length} words={words} />
        <p class="move-words">{words}.</p>
        <Picture dispute={dispute} made={made} />
        {standing !== undefined && (
          <Facts
            entries={[
              ["Disputed", standing.range && rangeWords(standing.range)],
              ["Both accept, before", standing.startRoot && <Hash value={standing.startRoot} of="state root before" />],
              ["Solver claims, after", standing.endRoot && <Hash value={standing.endRoot} of="state root after" />],
            ]}
          />
        )}
      </Section>
      {claim.refutation?.challengeId === challengeId && claim.refutation.cause === "fault" && (
        <ProvenStepPanel dispute={dispute} transaction={claim.refutation.transaction} />
      )}
      <Section title="Moves" id="moves">
        <ol class="moves">
          {moveList.map((each, i) => (
            <li key={`${each.transaction} ${each.name}`} class={`move-${each.by}`}>
              <button
                type="button"
                class="plain"
                aria-current={i === made - 1 ? "step" : undefined}
                onClick={() => replay.goTo(i + 1)}
              >
                {moveWords(each)}
              </button>{" "}
              <span class="quiet">
                <Ago chain={chain} at={each.timestamp} /> <Hash value={each.transaction} of="transaction" />
              </span>
            </li>
          ))}
        </ol>
      </Section>
    </>
  );
}

/** Tells those who hear the page when a dispute that they watch is over; each move in between would be too much. */
function useEndAnnounced({ status, won }: DisputeDetail): void {
  const before = useRef(status);
  useEffect(() => {
    if (before.current === "open" && status !== "open") {
      announce(won ? "The dispute is over: the claim is refuted" : "The dispute is over");
    }
    before.current = status;
  }, [status, won]);
}
