import type { ChainKey, OperatorSummary, Watch } from "../../records.ts";
import { counted, duration } from "../format.ts";
import { Facts, Section } from "../parts/facts.tsx";
import { Hash } from "../parts/hash.tsx";
import { Heading } from "../parts/heading.tsx";
import { Notice, Waiting } from "../parts/notice.tsx";
import { DisputeState, State } from "../parts/states.tsx";
import { Ago, Remaining } from "../parts/time.tsx";
import { hrefOf } from "../router.ts";
import { useAsked } from "../state/asked.ts";
import { theIndex } from "../state/index.ts";
import { settings } from "../state/settings.ts";
import { useOperatorPages } from "./pages.ts";

/** Who solves and verifies, what they have done, and what is open now. */
export function Operators() {
  if (settings.value?.index === undefined)
    return (
      <>
        <Heading>Operators</Heading>
        <Notice>This host has no index: what operators have done is only known from all events together.</Notice>
      </>
    );
  return (
    <>
      <Heading>Operators</Heading>
      <WatchLists />
      <OperatorList />
    </>
  );
}

function WatchLists() {
  const { value, error } = useAsked("watch", async (signal) => await theIndex()!.watch(signal));
  if (value === undefined) return <Waiting error={error} what="what is open now" />;
  return (
    <div class="columns">
      <Contradicted watch={value} />
      <OpenDisputes watch={value} />
      <Unwatched watch={value} />
    </div>
  );
}

const mostShown = 20;

function Contradicted({ watch: { contradicted } }: { readonly watch: Watch }) {
  return (
    <Section title="Contradicted now" id="contradicted" aside={<Count count={contradicted.length} />}>
      {contradicted.length === 0 && <p class="quiet">No build's claims disagree.</p>}
      <ul class="plain-list">
        {contradicted.slice(0, mostShown).map(({ chain, buildId, claims, changed }) => (
          <li key={buildId}>
            <Hash value={buildId} of="build id" href={hrefOf({ view: "build", chain, id: buildId })} />{" "}
            {counted(claims, "claim")}, <Ago chain={chain} at={changed} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function OpenDisputes({ watch: { disputes } }: { readonly watch: Watch }) {
  return (
    <Section title="Disputes under way" id="disputes" aside={<Count count={disputes.length} />}>
      {disputes.length === 0 && <p class="quiet">There is none.</p>}
      <ul class="plain-list">
        {disputes.slice(0, mostShown).map((dispute) => (
          <li key={dispute.challengeId}>
            <DisputeState dispute={dispute} />{" "}
            <Hash
              value={dispute.challengeId}
              of="dispute id"
              href={hrefOf({ view: "dispute", chain: dispute.chain, id: dispute.challengeId })}
            />{" "}
            {counted(dispute.moves, "move")}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Unwatched({ watch: { unwatched } }: { readonly watch: Watch }) {
  return (
    <Section title="Nobody has looked at" id="unwatched" aside={<Count count={unwatched.length} />}>
      {unwatched.length === 0 && <p class="quiet">Every open claim has company.</p>}
      <ul class="plain-list">
        {unwatched.slice(0, mostShown).map(({ chain, claimId, windowEnd }) => (
          <li key={claimId}>
            <State state="open" />{" "}
            <Hash value={claimId} of="claim id" href={hrefOf({ view: "claim", chain, id: claimId })} />{" "}
            <Remaining chain={chain} at={windowEnd} />
          </li>
        ))}
      </ul>
      <p class="quiet">Open claims that are alone on their build, and in no dispute.</p>
    </Section>
  );
}

function Count({ count }: { readonly count: number }) {
  return <span class="quiet">{count}</span>;
}

const columns = [
  "Operator",
  "Claims",
  "Final",
  "Refuted",
  "Challenges",
  "Won",
  "Given up",
  "Duties",
  "Answers in",
  "Seen",
];

function OperatorList() {
  const { items, error, isAnswered, isComplete, more } = useOperatorPages();
  if (items.length === 0 && !isAnswered) return <Waiting error={error} what="operators" />;
  return (
    <Section title="Records" id="records">
      {error !== undefined && <Waiting error={error} what="newer records" />}
      {items.length === 0 && <p class="quiet">Nobody has claimed or challenged anything yet.</p>}
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Table of records">
        <table class="operators">
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map((operator) => (
              <Row operator={operator} key={`${operator.chain} ${operator.address}`} />
            ))}
          </tbody>
        </table>
      </div>
      {!isComplete && (
        <button type="button" onClick={more}>
          More
        </button>
      )}
    </Section>
  );
}

function Row({ operator }: { readonly operator: OperatorSummary }) {
  const { chain, address, claims, final, refuted, challenges, won, lost, duties, medianResponseSeconds, lastSeen } =
    operator;
  return (
    <tr>
      <th scope="row">
        <Hash value={address} of="operator" href={hrefOf({ view: "operator", chain, id: address })} />
      </th>
      <td>{claims}</td>
      <td>{final}</td>
      <td class={refuted > 0 ? "failed" : undefined}>{refuted}</td>
      <td>{challenges}</td>
      <td>{won}</td>
      <td class={lost > 0 ? "failed" : undefined}>{lost}</td>
      <td>{duties}</td>
      <td>{medianResponseSeconds === undefined ? "—" : duration(medianResponseSeconds)}</td>
      <td>
        <Ago chain={chain} at={lastSeen} />
      </td>
    </tr>
  );
}

export function Operator({ chain, id }: { readonly chain: ChainKey; readonly id: string }) {
  const { value, error, isAnswered } = useAsked(`operator ${chain} ${id}`, async (signal) => {
    return await theIndex()?.operator(chain, id, signal);
  });
  const heading = (
    <Heading>
      Operator <Hash value={id} of="address" />
    </Heading>
  );
  if (value === undefined)
    return (
      <>
        {heading}
        {isAnswered && error === undefined ? (
          <Notice>
            {theIndex() === undefined
              ? "This host has no index: what an operator has done is only known from all events together."
              : "The index knows nothing that this account has done."}
          </Notice>
        ) : (
          <Waiting error={error} what="the operator" />
        )}
      </>
    );
  return (
    <>
      {heading}
      {error !== undefined && <Waiting error={error} what="what is new" />}
      <Section title="Record" id="record">
        <Facts
          entries={[
            ["Claims", `${value.claims}: ${value.final} final, ${value.refuted} refuted`],
            ["Challenges", `${value.challenges}: ${value.won} won, ${value.lost} given up`],
            ["Open duties", value.duties === 0 ? "none" : `${counted(value.duties, "answer")} due`],
            [
              "Answers within",
              value.medianResponseSeconds === undefined
                ? "it had nothing to answer yet"
                : `${duration(value.medianResponseSeconds)}, in half of the cases`,
            ],
            ["Seen last", <Ago key="seen" chain={chain} at={value.lastSeen} />],
          ]}
        />
        <p>
          <a href={hrefOf({ view: "builds", query: "", filter: { chain, operator: id } })}>
            Builds that it has part in
          </a>
        </p>
        <p class="quiet">This is what the index says; every entry can be read from the chain.</p>
      </Section>
    </>
  );
}
