import { keyOf, settings } from "../state/settings.ts";
import type { PolicyDraft } from "./draft.ts";

interface FormProps {
  readonly draft: PolicyDraft;
  readonly onChange: (draft: PolicyDraft) => void;
}

/** A policy as a form: builders by their keys, how many must agree, and chains whose final claims count. */
export function PolicyForm({ draft, onChange }: FormProps) {
  const change = (part: Partial<PolicyDraft>) => onChange({ ...draft, ...part });
  return (
    <>
      <Keys draft={draft} change={change} />
      <Chains draft={draft} change={change} />
      {draft.keys.length > 0 && draft.chains.length > 0 && (
        <fieldset>
          <legend>Together</legend>
          {(["any", "all"] as const).map((join) => (
            <label class="choice" key={join}>
              <input type="radio" name="join" checked={draft.join === join} onChange={() => change({ join })} />{" "}
              {join === "any" ? "builders or a chain are enough" : "builders and chains must agree"}
            </label>
          ))}
        </fieldset>
      )}
      <fieldset>
        <legend>Where attestations are looked for</legend>
        {draft.from.map((url, i) => (
          <div class="form-row" key={i}>
            <input
              type="url"
              aria-label={`Address ${i + 1}`}
              value={url}
              onInput={({ currentTarget: { value } }) => change({ from: draft.from.with(i, value) })}
            />
            <Remove what={`address ${i + 1}`} onClick={() => change({ from: draft.from.toSpliced(i, 1) })} />
          </div>
        ))}
        <button type="button" onClick={() => change({ from: [...draft.from, "https://"] })}>
          Add an address
        </button>
        <p class="quiet">The boards that this host names are asked as well.</p>
      </fieldset>
    </>
  );
}

interface PartProps {
  readonly draft: PolicyDraft;
  readonly change: (part: Partial<PolicyDraft>) => void;
}

function Keys({ draft: { keys, least }, change }: PartProps) {
  const set = (i: number, part: Partial<PolicyDraft["keys"][number]>) =>
    change({ keys: keys.with(i, { ...keys[i]!, ...part }) });
  return (
    <fieldset>
      <legend>Builders</legend>
      {keys.map(({ name, key }, i) => (
        <div class="form-row" key={i}>
          <input
            type="text"
            class="name"
            aria-label={`Name of builder ${i + 1}`}
            value={name}
            onInput={({ currentTarget: { value } }) => set(i, { name: value })}
          />
          <input
            type="text"
            class="grows code"
            aria-label={`Key of builder ${i + 1}`}
            placeholder="did:key:z6Mk…"
            spellcheck={false}
            value={key}
            onInput={({ currentTarget: { value } }) => set(i, { key: value })}
          />
          <Remove what={`builder ${i + 1}`} onClick={() => change({ keys: keys.toSpliced(i, 1) })} />
        </div>
      ))}
      <div class="form-row">
        <button
          type="button"
          onClick={() => change({ keys: [...keys, { name: `builder-${keys.length + 1}`, key: "" }] })}
        >
          Add a builder
        </button>
        {keys.length > 0 && (
          <label>
            At least{" "}
            <input
              type="number"
              min={1}
              max={keys.length}
              value={least}
              onInput={({ currentTarget: { value } }) => change({ least: Number(value) })}
            />{" "}
            of {keys.length} must have signed the same
          </label>
        )}
      </div>
    </fieldset>
  );
}

function Chains({ draft: { chains }, change }: PartProps) {
  const known = settings.value?.chains ?? [];
  const others = known.filter(
    (chain) => !chains.some((each) => `${each.chainId}-${each.assay.toLowerCase()}` === keyOf(chain)),
  );
  return (
    <fieldset>
      <legend>Chains whose final claims count</legend>
      {chains.map(({ name, chainId, assay }, i) => (
        <div class="form-row" key={`${chainId} ${assay}`}>
          <input
            type="text"
            class="name"
            aria-label={`Name of chain ${i + 1}`}
            value={name}
            onInput={({ currentTarget: { value } }) =>
              change({ chains: chains.with(i, { name: value, chainId, assay }) })
            }
          />
          <code class="words">
            {chainId} {assay}
          </code>
          <Remove what={`chain ${i + 1}`} onClick={() => change({ chains: chains.toSpliced(i, 1) })} />
        </div>
      ))}
      {others.map((chain) => (
        <button
          type="button"
          key={keyOf(chain)}
          onClick={() => {
            const name = chain.name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "chain";
            change({ chains: [...chains, { name, chainId: String(chain.chainId), assay: chain.assay }] });
          }}
        >
          Add {chain.name}
        </button>
      ))}
    </fieldset>
  );
}

function Remove({ what, onClick }: { readonly what: string; readonly onClick: () => void }) {
  return (
    <button type="button" class="plain" aria-label={`Remove ${what}`} onClick={onClick}>
      ×
    </button>
  );
}
