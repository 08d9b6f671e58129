import { useSignal } from "@preact/signals";
import type { BuildDetail, ClaimDetail, ClaimSummary } from "../../records.ts";
import { claimOnChain } from "../chain/gateway.ts";
import { grouped, shortHash } from "../format.ts";
import { Section } from "../parts/facts.tsx";
import { Words } from "../parts/words.tsx";
import { theIndex } from "../state/index.ts";
import { tell } from "../told.ts";
import type { ClaimParting } from "./parting.ts";

/** What two claims of a build that end in different states tell differently. */
export function Differences({ build }: { readonly build: BuildDetail }) {
  const pair = pairOf(build.claimList);
  if (pair === undefined) return null;
  const [first, second] = pair;
  const rows = rowsOf(first, second);
  return (
    <Section title="Where two claims differ" id="differences">
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Two claims side by side">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              {pair.map(({ claimId, status }) => (
                <th scope="col" key={claimId}>
                  {shortHash(claimId)}, {status}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([what, ours, theirs]) => (
              <tr key={what} class={ours === theirs ? undefined : "touched-changed"}>
                <th scope="row">{what}</th>
                <td>
                  <code>{ours}</code>
                </td>
                <td>
                  <code>{theirs}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Parting pair={pair} key={`${first.claimId} ${second.claimId}`} />
    </Section>
  );
}

type Pair = readonly [ClaimSummary, ClaimSummary];

/** The newest claim that lives, or the newest of all, beside the newest that ends in another state. */
function pairOf(claims: readonly ClaimSummary[]): Pair | undefined {
  const first = claims.findLast(({ status }) => status !== "refuted") ?? claims.at(-1);
  const second = first && claims.findLast(({ finalRoot }) => finalRoot !== first.finalRoot);
  return second && [first, second];
}

function rowsOf(first: ClaimSummary, second: ClaimSummary): [string, string, string][] {
  const of = (name: string, value: (claim: ClaimSummary) => string): [string, string, string] => {
    return [name, value(first), value(second)];
  };
  return [
    of("last state", ({ finalRoot }) => shortHash(finalRoot)),
    of("end", ({ outcome: { end, code } }) => `${end}, ${code}`),
    of("artifact", ({ outcome }) => shortHash(outcome.artifactSha256.slice(2))),
    of("bytes", ({ outcome }) => grouped(outcome.artifactSize)),
  ];
}

type Search =
  | { readonly kind: "none" | "searching" }
  | { readonly kind: "found"; readonly parting: ClaimParting }
  | { readonly kind: "failed"; readonly why: string };

function Parting({ pair }: { readonly pair: Pair }) {
  const search = useSignal<Search>({ kind: "none" });
  const look = async () => {
    search.value = { kind: "searching" };
    try {
      const { partingOf } = await import("./parting.ts");
      const [first, second] = await Promise.all(pair.map(detailOf));
      search.value = { kind: "found", parting: await partingOf(first!, second!) };
    } catch (error) {
      search.value = { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  };
  const { value } = search;
  if (value.kind === "found") {
    const { fromTick, toTick } = value.parting;
    return (
      <p role="status">
        By their checkpoints both runs are the same up to tick {grouped(fromTick)}
        {toTick === undefined ? " and differ at the end." : `, and differ at tick ${grouped(toTick)}.`}
      </p>
    );
  }
  return (
    <p>
      <button type="button" onClick={() => void look()} disabled={value.kind === "searching"}>
        Where do they part?
      </button>
      {value.kind === "failed" && (
        <span class="fault" role="alert">
          {" "}
          That cannot be said: <Words text={value.why} />
        </span>
      )}
    </p>
  );
}

async function detailOf({ chain, claimId }: ClaimSummary): Promise<ClaimDetail | undefined> {
  const index = theIndex();
  const ofIndex = index && (() => index.claim(chain, claimId));
  return (await tell<ClaimDetail>(ofIndex, () => claimOnChain(chain, claimId)))?.value;
}
