import { grouped } from "./format.ts";
import { Hash } from "./parts/hash.tsx";
import { Words } from "./parts/words.tsx";
import { indexStanding } from "./state/index.ts";
import { keyOf, settings } from "./state/settings.ts";

/** Where the page has what it shows from, and how that stands. */
export function Footer() {
  const standing = indexStanding.value;
  const chains = "chains" in standing ? standing.chains : [];
  return (
    <footer class="bottom">
      <p class={standing.kind === "down" ? "fault" : undefined} role="status">
        {standing.kind === "none" && "Without an index: everything is read from the chain."}
        {standing.kind === "asking" && "Asking the index…"}
        {standing.kind === "up" &&
          "The index answers. What it says is a hint; what is final is read from the contract."}
        {standing.kind === "down" && (
          <>
            The index does not answer: <Words text={standing.why} most={160} />. What it said last stays here.
          </>
        )}
      </p>
      <ul>
        {(settings.value?.chains ?? []).map((chain) => {
          const indexed = chains.find(({ key }) => key === keyOf(chain));
          return (
            <li key={keyOf(chain)}>
              <Words text={chain.name} most={40} /> {chain.chainId}, contract{" "}
              <Hash value={chain.assay} of="contract's address" />
              {indexed !== undefined && indexed.block >= 0 && ` indexed up to block ${grouped(indexed.block)}`}
              {indexed?.fault !== undefined && (
                <span class="attention">
                  {" "}
                  and not further: <Words text={indexed.fault} most={160} />
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </footer>
  );
}
