import { useEffect, useState } from "preact/hooks";
import { announce } from "../parts/announcer.tsx";
import { Section } from "../parts/facts.tsx";
import { Heading } from "../parts/heading.tsx";
import { Notice } from "../parts/notice.tsx";
import { Words } from "../parts/words.tsx";
import { draftOf, emptyDraft, type PolicyDraft, policyValueOf } from "./draft.ts";
import { PolicyForm } from "./form.tsx";
import { policyIn, textOf } from "./reading.ts";
import { keepPolicy, policy, policyText } from "./state.ts";

/** Whom the viewer believes: as a form, and as the text that `assay check` reads. */
export function PolicyView() {
  const [text, setText] = useState(policyText.value);
  const [draft, setDraft] = useState<PolicyDraft | undefined>(() => firstDraft());
  const fault = text.trim() === "" ? undefined : faultOf(text);
  const isKept = text === policyText.value;

  const fromForm = (next: PolicyDraft) => {
    setDraft(next);
    setText(textOf(policyValueOf(next) as Parameters<typeof textOf>[0]));
  };
  const fromText = (next: string) => {
    setText(next);
    setDraft(next.trim() === "" ? emptyDraft : draftIn(next));
  };
  const keep = () => {
    const isStored = keepPolicy(text.trim() === "" ? "" : text, text.trim() === "" ? undefined : policyIn(text));
    setText(policyText.value);
    announce(isStored ? "The policy is kept in this browser" : "The policy is used until the page is closed");
  };
  return (
    <>
      <Heading>Your policy</Heading>
      <p class="lead">
        Whom you believe, and how many of them it takes. It stays in this browser, and every view shows builds under it.
      </p>
      <div class="columns columns-wide">
        <Section title="As a form" id="form">
          {draft === undefined ? (
            <Notice>This policy says more than the form can hold: edit it as text.</Notice>
          ) : (
            <PolicyForm draft={draft} onChange={fromForm} />
          )}
        </Section>
        <Section title="As text" id="text">
          <label for="policy-text">
            YAML or JSON, as <code>assay check --policy</code> reads it
          </label>
          <textarea
            id="policy-text"
            rows={18}
            spellcheck={false}
            value={text}
            aria-invalid={fault !== undefined}
            aria-describedby="policy-fault"
            onInput={({ currentTarget }) => fromText(currentTarget.value)}
          />
          <p id="policy-fault" class={fault === undefined ? "quiet" : "fault"} role="status">
            {fault === undefined ? (
              text.trim() === "" ? (
                "There is no policy."
              ) : (
                "This is a policy."
              )
            ) : (
              <Words text={fault} most={1000} />
            )}
          </p>
          <div class="form-row">
            <button type="button" class="primary" onClick={keep} disabled={fault !== undefined || isKept}>
              Keep it
            </button>
            <ExportButton text={text} isDisabled={fault !== undefined || text.trim() === ""} />
            <ImportButton onText={fromText} />
            <button type="button" onClick={() => fromText("")} disabled={text === ""}>
              Clear
            </button>
          </div>
        </Section>
      </div>
    </>
  );
}

function firstDraft(): PolicyDraft | undefined {
  if (policyText.value.trim() === "") return emptyDraft;
  return policy.value === undefined ? draftIn(policyText.value) : draftOf(policy.value);
}

function draftIn(text: string): PolicyDraft | undefined {
  try {
    return draftOf(policyIn(text));
  } catch {
    return undefined;
  }
}

function faultOf(text: string): string | undefined {
  try {
    policyIn(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function ExportButton({ text, isDisabled }: { readonly text: string; readonly isDisabled: boolean }) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
    setAddress(url);
    return () => URL.revokeObjectURL(url);
  }, [text]);
  if (isDisabled)
    return (
      <button type="button" disabled>
        Export
      </button>
    );
  return (
    <a class="button" href={address} download="policy.yaml">
      Export
    </a>
  );
}

const mostImported = 2 ** 18;

function ImportButton({ onText }: { readonly onText: (text: string) => void }) {
  return (
    <label class="button">
      Import
      <input
        class="only-heard"
        type="file"
        accept=".yaml,.yml,.json"
        onChange={async ({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          currentTarget.value = "";
          if (file !== undefined) onText(await file.slice(0, mostImported + 1).text());
        }}
      />
    </label>
  );
}
