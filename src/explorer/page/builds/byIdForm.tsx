import { useState } from "preact/hooks";
import { DropZone } from "../artifact/dropZone.tsx";
import { Facts } from "../parts/facts.tsx";
import { Notice } from "../parts/notice.tsx";
import { goTo } from "../router.ts";
import { keyOf, settings } from "../state/settings.ts";

type Kind = "build" | "claim" | "dispute";

/** What there is without an index: one build, claim or dispute by its id, read from the chain alone. */
export function ByIdForm({ query }: { readonly query: string }) {
  const chains = settings.value?.chains ?? [];
  const [kind, setKind] = useState<Kind>("build");
  const [id, setId] = useState(query);
  const [chain, setChain] = useState(0);
  const [fault, setFault] = useState("");
  const [hash, setHash] = useState<string>();
  const open = () => {
    const lower = id.trim().toLowerCase();
    const chosen = chains[chain];
    if (!/^0x[0-9a-f]{64}$/.test(lower)) setFault("An id is 0x and 64 hexadecimal digits.");
    else if (chosen === undefined) setFault("This host has named no chain.");
    else goTo({ view: kind, chain: keyOf(chosen), id: lower });
  };
  return (
    <>
      <Notice>
        This host has no index, so there is no list and no search. A build, claim or dispute is read from the chain by
        its id.
      </Notice>
      <DropZone onHash={setHash}>
        <form
          class="by-id"
          onSubmit={(event) => {
            event.preventDefault();
            open();
          }}
        >
          <label>
            What{" "}
            <select value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value as Kind)}>
              <option value="build">build</option>
              <option value="claim">claim</option>
              <option value="dispute">dispute</option>
            </select>
          </label>
          <label>
            On{" "}
            <select value={String(chain)} onChange={({ currentTarget }) => setChain(Number(currentTarget.value))}>
              {chains.map(({ name, chainId, assay }, i) => (
                <option value={String(i)} key={`${chainId} ${assay}`}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="grows">
            Id{" "}
            <input
              type="text"
              autocomplete="off"
              spellcheck={false}
              value={id}
              aria-describedby="id-fault"
              onInput={({ currentTarget }) => setId(currentTarget.value)}
            />
          </label>
          <button type="submit">Open</button>
        </form>
        <p id="id-fault" class="fault" role="alert">
          {fault}
        </p>
      </DropZone>
      {hash !== undefined && <Facts entries={[["sha256 of the file", <code class="hash-whole">{hash}</code>]]} />}
    </>
  );
}
