import { useEffect } from "preact/hooks";
import type { BuildOutcome } from "../../../client/policy/decide.ts";
import type { BuildAnswer } from "../../../client/policy/evidence.ts";
import { unprovenWords } from "../../../client/policy/independence.ts";
import type { BuildDetail } from "../../records.ts";
import { Section } from "../parts/facts.tsx";
import { Hash } from "../parts/hash.tsx";
import { Notice } from "../parts/notice.tsx";
import { Words } from "../parts/words.tsx";
import type { Judgement } from "../policy/judging.ts";
import { claimedOutcome, standingTo } from "../policy/standing.ts";
import { policy, policyFault } from "../policy/state.ts";
import { verdicts, wantVerdict } from "../policy/verdicts.ts";
import { hrefOf } from "../router.ts";
import { pulse } from "../state/index.ts";
import { Provenance } from "./provenance.tsx";

/** What those say whom the viewer believes, under the viewer's own policy. */
export function Attestations({ build }: { readonly build: BuildDetail }) {
  const { buildId } = build;
  const own = policy.value;
  const beat = pulse.value;
  const claimed = build.outcome && claimedOutcome(build.outcome);
  useEffect(() => wantVerdict(buildId, true, claimed), [buildId, own, beat, claimed]);
  const edit = <a href={hrefOf({ view: "policy" })}>Edit your policy</a>;
  return (
    <Section title="Trust" id="trust" aside={own && edit}>
      {policyFault.value !== undefined && (
        <Notice kind="warning">
          Your policy cannot be used: <Words text={policyFault.value} />
        </Notice>
      )}
      {own === undefined ? (
        <p>
          You have not said whom you believe. <a href={hrefOf({ view: "policy" })}>Write a policy</a>: it stays in this
          browser.
        </p>
      ) : (
        <Judged build={build} />
      )}
    </Section>
  );
}

const decisions = {
  accepted: "Accepted: your policy holds for this outcome, and for no other.",
  refused: "Refused: those whom your policy asks say otherwise.",
  undecided: "Undecided: your policy may yet hold, when more is known.",
} as const;

function Judged({ build }: { readonly build: BuildDetail }) {
  const judged = verdicts.value.get(build.buildId);
  if (judged === undefined) return <p class="waiting">Asking those whom your policy names…</p>;
  if (judged.kind === "failed")
    return (
      <Notice kind="warning">
        They could not be asked: <Words text={judged.why} />
      </Notice>
    );
  const { decision, answers, faults, keys } = judged.verdict;
  const claimed = build.outcome && claimedOutcome(build.outcome);
  const isOther = claimed !== undefined && decision === "accepted" && answers[0]?.outcome !== claimed;
  return (
    <>
      <p class={`verdict trust-${decision}`}>{decisions[decision]}</p>
      {isOther && <Notice kind="danger">What your policy holds for is not what is claimed of this build.</Notice>}
      {answers.map((answer) => (
        <AnswerShown answer={answer} claimed={claimed} elsewhere={judged.elsewhere} key={answer.buildId} />
      ))}
      {keys
        .filter(({ isRevoked }) => isRevoked)
        .map(({ name }) => (
          <Notice kind="warning" key={name}>
            The key of {name} is revoked: nothing that it has signed counts.
          </Notice>
        ))}
      {faults.length > 0 && (
        <details>
          <summary>{faults.length} could not be asked</summary>
          <ul class="plain-list">
            {faults.map(({ who, why }) => (
              <li key={`${who} ${why}`}>
                <Words text={who} most={100} />: <Words text={why} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <Provenance answers={answers} />
    </>
  );
}

interface AnswerProps {
  readonly answer: BuildAnswer;
  /** What the living claims say, or what is final. */
  readonly claimed: BuildOutcome | undefined;
  readonly elsewhere: Judgement["elsewhere"];
}

function AnswerShown({ answer, claimed, elsewhere }: AnswerProps) {
  const { score, rivals, outcome, unproven } = answer;
  const { agree, mismatches, misses } = claimed === undefined ? answer : standingTo(answer, claimed);
  return (
    <div class="score">
      <meter min={0} max={Math.max(1, score.of)} value={agree.length} aria-label="Trust score">
        {agree.length} of {score.of}
      </meter>
      <p>
        <strong>
          {agree.length} of {score.of}
        </strong>{" "}
        agree
        {(claimed ?? outcome) === "failed" ? " that it fails" : ""}.
      </p>
      {claimed !== undefined && <p class="quiet">About what is claimed here:</p>}
      <ul class="standing">
        {agree.map((name) => (
          <li key={name} class="standing-agree">
            <strong>agrees</strong> <bdi>{name}</bdi>
          </li>
        ))}
        {mismatches.map(({ name, outcomes }) => (
          <li key={name} class="standing-mismatch">
            <strong>says otherwise</strong> <bdi>{name}</bdi>:{" "}
            {outcomes.map((one) =>
              one === "failed" ? (
                "that it fails "
              ) : (
                <Hash value={one} of={`outcome that ${name} has signed`} key={one} />
              ),
            )}
          </li>
        ))}
        {unproven.map(({ name, why }) => (
          <li key={name} class="standing-mismatch">
            <strong>not counted</strong> <bdi>{name}</bdi> {unprovenWords[why]}
          </li>
        ))}
        {elsewhere.map(({ name, buildId }) => (
          <li key={`${name} ${buildId}`} class="standing-mismatch">
            <strong>has signed it as another build's</strong> <bdi>{name}</bdi>: <Hash value={buildId} of="build id" />
          </li>
        ))}
        {misses.map((name) => (
          <li key={name} class="standing-miss">
            <strong>silent</strong> <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
      {rivals.length > 0 && (
        <Notice kind="warning">
          Your policy holds for {rivals.length} other outcomes as well: that is no decision.
        </Notice>
      )}
    </div>
  );
}
