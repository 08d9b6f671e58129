import type { Root } from "../../../core/bytes.ts";
import type { BuildDetail, ChainKey } from "../../records.ts";
import { buildOfClaimOnChain, buildOnChain } from "../chain/gateway.ts";
import { agreementOf, Contradiction, StandingBadge, useContractWord } from "../chain/standing.tsx";
import { Differences } from "../difference/view.tsx";
import { Hash } from "../parts/hash.tsx";
import { Heading } from "../parts/heading.tsx";
import { Notice, Waiting } from "../parts/notice.tsx";
import { State } from "../parts/states.tsx";
import { Words } from "../parts/words.tsx";
import { useAsked } from "../state/asked.ts";
import { theIndex } from "../state/index.ts";
import { type Told, tell } from "../told.ts";
import { Attestations } from "./attestations.tsx";
import { Claims } from "./claims.tsx";
import { EventList } from "./events.tsx";
import { Origin } from "./origin.tsx";
import { Timeline } from "./timeline.tsx";

interface BuildProps {
  readonly chain: ChainKey;
  readonly id: string;
  /** A claim about the build was asked for, by its id. */
  readonly isClaim: boolean;
}

export function Build({ chain, id, isClaim }: BuildProps) {
  const { value, error, isAnswered } = useAsked(`${isClaim} ${chain} ${id}`, async (signal) => {
    const index = theIndex();
    const buildId = isClaim ? await buildOfClaim(chain, id as Root, signal) : (id as Root);
    if (buildId === undefined) return undefined;
    return await tell(index && (() => index.build(chain, buildId, signal)), () => buildOnChain(chain, buildId));
  });
  if (value === undefined)
    return (
      <>
        <Heading>{isClaim ? "Claim" : "Build"}</Heading>
        {isAnswered && error === undefined ? (
          <Notice>
            Neither the index nor the chain has a {isClaim ? "claim" : "build"} with this id:{" "}
            <code class="hash-whole">{id}</code>
          </Notice>
        ) : (
          <Waiting error={error} what="the build" />
        )}
      </>
    );
  return <BuildShown told={value} error={error} claimId={isClaim ? (id as Root) : undefined} />;
}

async function buildOfClaim(chain: ChainKey, claimId: Root, signal: AbortSignal): Promise<Root | undefined> {
  const index = theIndex();
  const told = await tell<Root>(index && (async () => (await index.claim(chain, claimId, signal))?.buildId), () =>
    buildOfClaimOnChain(chain, claimId),
  );
  return told?.value;
}

interface ShownProps {
  readonly told: Told<BuildDetail>;
  readonly error: string | undefined;
  readonly claimId: Root | undefined;
}

function BuildShown({ told: { value: build, isFromChain, why }, error, claimId }: ShownProps) {
  const { chain, buildId, state } = build;
  const word = useContractWord(chain, buildId);
  const agreement = agreementOf(build, word, isFromChain);
  // What the contract says is final is final, whatever the index says.
  const shownState = word?.kind === "read" && agreement !== "agrees" ? stateOf(word.result.status, state) : state;
  return (
    <>
      <Heading
        aside={
          <>
            <State state={shownState} isProven={word?.kind === "read" && shownState === "final"} />
            <StandingBadge build={build} word={word} isFromChain={isFromChain} />
          </>
        }
      >
        Build <Hash value={buildId} of="build id" />
      </Heading>
      <Contradiction build={build} word={word} isFromChain={isFromChain} />
      {why !== undefined && (
        <Notice>
          This is read from the chain alone: <Words text={why} />.
        </Notice>
      )}
      {error !== undefined && <Waiting error={error} what="what is new" />}
      <Origin
        build={build}
        isProven={agreement === "asking" ? undefined : agreement === "agrees" && state === "final"}
      />
      <Timeline build={build} />
      <Claims build={build} selected={claimId} />
      <Differences build={build} />
      <Attestations build={build} />
      <EventList build={build} />
    </>
  );
}

function stateOf(status: "unknown" | "open" | "contradicted" | "final", told: BuildDetail["state"]) {
  if (status !== "unknown") return status;
  return told === "final" ? "requested" : told;
}
