import type { BuildDetail } from "../../records.ts";
import { bytesText, ether } from "../format.ts";
import { Facts, Section } from "../parts/facts.tsx";
import { Hash } from "../parts/hash.tsx";
import { OutcomeLine } from "../parts/states.tsx";
import { Ago } from "../parts/time.tsx";
import { OutsideLink, Words } from "../parts/words.tsx";
import { hrefOf } from "../router.ts";

interface OriginProps {
  readonly build: BuildDetail;
  /** Whether the contract itself says that the result is final; undefined while it is asked. */
  readonly isProven: boolean | undefined;
}

/** What was built from what, and what came out. */
export function Origin({ build, isProven }: OriginProps) {
  const { about, outcome, requests, chain, since, finalizedAt, finalClaim } = build;
  const { repository, commit, source, environment, input, dependencies } = about;
  const content = (part: { readonly id: string; readonly size: number }) => (
    <>
      <Hash value={part.id.replace(/^sha256:/, "")} of="content id" /> <span class="quiet">{bytesText(part.size)}</span>
    </>
  );
  return (
    <div class="columns">
      <Section title="From what" id="origin">
        <Facts
          entries={[
            ["Repository", repository && <OutsideLink text={repository} />],
            ["Commit", commit && <Words text={commit} isCode />],
            ["Source", source && source !== repository ? <OutsideLink text={source} /> : undefined],
            [
              "Environment",
              environment && (
                <>
                  <a href={hrefOf({ view: "builds", query: "", filter: { environment: environment.name } })}>
                    <Words text={environment.name} most={64} />
                  </a>{" "}
                  <Hash value={environment.id} of="environment id" />
                </>
              ),
            ],
            ["Input", input && content(input)],
            ["Dependencies", dependencies && content(dependencies)],
            ["Seen first", <Ago key="since" chain={chain} at={since} />],
          ]}
        />
        {repository === undefined && source === undefined && (
          <p class="quiet">Nobody has published what this build is of: the chain knows roots only.</p>
        )}
        <p class="quiet">What publications say is for people; the build id is what counts.</p>
      </Section>
      <Section title="Result" id="result">
        {outcome === undefined ? (
          <p>{build.state === "contradicted" ? "Its claims disagree: see below." : "There is none yet."}</p>
        ) : (
          <>
            <p class="outcome">
              <OutcomeLine outcome={outcome} />
            </p>
            <Facts
              entries={[
                [
                  "Ended",
                  outcome.end === "halted" ? `halted, exit code ${outcome.exitCode}` : `trapped (${outcome.code})`,
                ],
                [
                  "sha256",
                  <code key="sha256" class="hash-whole">
                    {outcome.artifactSha256.slice(2)}
                  </code>,
                ],
                ["Final since", finalizedAt && <Ago chain={chain} at={finalizedAt} />],
                ["By claim", finalClaim && <Hash value={finalClaim} of="claim id" />],
              ]}
            />
            <p class="quiet">
              {isProven
                ? "This is what the contract itself says."
                : build.state === "final"
                  ? isProven === undefined
                    ? "The contract is asked whether that is so."
                    : "The contract has not confirmed this here."
                  : "This is what the living claims say; it can still be challenged."}
            </p>
          </>
        )}
      </Section>
      <Section title="Requests" id="requests">
        {requests.length === 0 ? (
          <p class="quiet">Nobody has put a reward on it.</p>
        ) : (
          <ul class="plain-list">
            {requests.map(({ requestId, requester, amount, refunded, locator }) => (
              <li key={requestId}>
                <strong>{ether(amount)}</strong> by{" "}
                <Hash value={requester} of="requester" href={hrefOf({ view: "operator", chain, id: requester })} />{" "}
                {refunded ? "refunded" : build.rewardPaid ? "paid" : ""}
                <br />
                <span class="quiet">
                  published as <Words text={locator} most={100} isCode />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Section>
    </div>
  );
}
