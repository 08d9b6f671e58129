/** Verify in this tab: what it takes, how far it is, what it has come to. */
import { useEffect, useId, useMemo } from "preact/hooks";
import type { ClaimDetail } from "../../records.ts";
import type { ExplorerSettings } from "../../settings.ts";
import { lazily } from "../lazily.tsx";
import { askedBytes, VerifyModel } from "./model.ts";
import "./verify.css";
import type { Progress } from "./messages.ts";
import {
  bytesInWords,
  planBytes,
  type Words,
  wordsOfFailure,
  wordsOfPlan,
  wordsOfProgress,
  wordsOfVerdict,
} from "./words.ts";

/** It needs the chain's code, which most readers never do. */
const ChallengePanel = lazily(async () => (await import("./challenge/view.tsx")).ChallengePanel);

export interface VerifyPanelProps {
  readonly settings: ExplorerSettings;
  readonly chain: ExplorerSettings["chains"][number];
  readonly claim: ClaimDetail;
}

/** The panel of one claim. */
export function VerifyPanel({ settings, chain, claim }: VerifyPanelProps) {
  const model = useMemo(() => new VerifyModel(settings, claim), [settings, claim.claimId]);
  useEffect(() => {
    model.resume();
    return () => model.leave();
  }, [model]);
  const phase = model.phase.value;
  const title = useId();
  return (
    <section class="verify" aria-labelledby={title}>
      <h3 id={title}>Verify in this tab</h3>
      <p>
        Fetches the build's inputs, runs it here and compares each state with the claim. Nothing of it depends on what
        this page's host says.
      </p>
      <Buttons model={model} />
      {model.plan.value !== undefined && phase !== "idle" && (
        <ul class="verify-plan">
          {wordsOfPlan(model.plan.value).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {phase === "running" && <ProgressBar progress={model.progress.value} log2Ticks={claim.log2Ticks} />}
      {phase === "running" && model.parting.value !== undefined && (
        <p class="verify-bad" role="status">
          The claim parts from this run at checkpoint {model.parting.value.checkpoint}, tick {model.parting.value.tick}.
          The run goes on to its end.
        </p>
      )}
      {model.verdict.value !== undefined && <Outcome words={wordsOfVerdict(model.verdict.value)} />}
      {model.verdict.value?.kind === "parts" && model.verification !== undefined && (
        <ChallengePanel chain={chain} claimId={claim.claimId} verification={model.verification} />
      )}
      {model.failure.value !== undefined && <Outcome words={wordsOfFailure(model.failure.value)} />}
      {model.notes.value.length > 0 && (
        <ul class="verify-notes" aria-label="Notes">
          {model.notes.value.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Buttons({ model }: { readonly model: VerifyModel }) {
  switch (model.phase.value) {
    case "planning":
    case "running":
      return (
        <button type="button" onClick={() => model.cancel()}>
          Stop
        </button>
      );
    case "planned": {
      const bytes = planBytes(model.plan.value!);
      return (
        <p>
          <button type="button" onClick={() => model.run()}>
            Fetch {bytesInWords(bytes)} and run
          </button>{" "}
          <button type="button" onClick={() => model.cancel()}>
            Cancel
          </button>
        </p>
      );
    }
    default:
      return (
        <button
          type="button"
          onClick={() => model.start()}
          title={`Asks before it fetches more than ${bytesInWords(askedBytes)}`}
        >
          {model.phase.value === "idle" ? "Verify" : "Verify again"}
        </button>
      );
  }
}

function ProgressBar({ progress, log2Ticks }: { readonly progress: Progress | undefined; readonly log2Ticks: number }) {
  if (progress === undefined) return null;
  const share =
    progress.phase === "fetching"
      ? progress.bytes / Math.max(1, progress.size)
      : progress.phase === "running" && progress.ticks <= 2 ** log2Ticks
        ? progress.ticks / 2 ** log2Ticks
        : undefined;
  return (
    <div class="verify-progress">
      <progress aria-label="Progress of the verification" max={1} value={share} />
      <span>{wordsOfProgress(progress)}</span>
    </div>
  );
}

function Outcome({ words: { tone, headline, details } }: { readonly words: Words }) {
  return (
    <div class={`verify-outcome verify-${tone}`} role="status">
      <p>
        <strong>{headline}</strong>
      </p>
      {details.map((line) => (
        <p class="verify-detail" key={line}>
          {line}
        </p>
      ))}
    </div>
  );
}
