import { useEffect } from "preact/hooks";
import type { BuildFilter } from "../../records.ts";
import { type BuildState, buildStates } from "../../records.ts";
import { Notice, Waiting } from "../parts/notice.tsx";
import { WindowedRows } from "../parts/windowedRows.tsx";
import { goTo, hrefOf } from "../router.ts";
import { settings } from "../state/settings.ts";
import { ByIdForm } from "./byIdForm.tsx";
import { useBuildPages } from "./pages.ts";
import { disprovenStates, proveFinal } from "./proven.ts";
import { BuildRow, columns } from "./row.tsx";
import { SearchBox, SearchHits } from "./search.tsx";

interface BuildsProps {
  readonly filter: BuildFilter;
  readonly query: string;
}

export function Builds({ filter, query }: BuildsProps) {
  if (settings.value?.index === undefined) return <ByIdForm query={query} />;
  return (
    <>
      <SearchBox filter={filter} query={query} />
      {query === "" ? <BuildList filter={filter} /> : <SearchHits query={query} />}
    </>
  );
}

function BuildList({ filter }: { readonly filter: BuildFilter }) {
  const { items, isAnswered, isComplete, error, more } = useBuildPages(filter);
  const shown = items.slice(0, 100);
  useEffect(() => proveFinal(shown), [items]);
  const disproven = shown.filter((build) => disprovenStates.value.has(`${build.chain} ${build.buildId}`));
  return (
    <>
      <Filters filter={filter} />
      {disproven.length > 0 && (
        <Notice kind="danger">
          The index says of {disproven.length} of these builds that they are final, and the contract does not.
        </Notice>
      )}
      {error !== undefined && items.length > 0 && <Waiting error={error} what="newer builds" />}
      {items.length === 0 && !(isAnswered && error === undefined) ? (
        <Waiting error={error} what="builds" />
      ) : items.length === 0 ? (
        <p class="waiting">No build is like that.</p>
      ) : (
        <div class="table builds" role="table" aria-label="Builds" aria-rowcount={isComplete ? items.length + 1 : -1}>
          <div role="rowgroup">
            <div role="row" class="table-head" aria-rowindex={1}>
              {columns.map((column) => (
                <div role="columnheader" key={column}>
                  {column}
                </div>
              ))}
            </div>
          </div>
          <WindowedRows
            items={items}
            keyOf={({ chain, buildId }) => `${chain} ${buildId}`}
            row={(build) => <BuildRow build={build} />}
            onNearEnd={more}
          />
        </div>
      )}
      <p class="quiet" role="status">
        {isComplete ? `All ${items.length} builds.` : items.length > 0 ? `${items.length} builds read so far.` : ""}
      </p>
    </>
  );
}

const stateNames: readonly (BuildState | undefined)[] = [undefined, ...buildStates];

function Filters({ filter }: { readonly filter: BuildFilter }) {
  const chains = settings.value?.chains ?? [];
  const others = (["repository", "environment", "operator"] as const).filter((name) => filter[name] !== undefined);
  return (
    <div class="filters">
      <nav aria-label="Builds by state" class="chips">
        {stateNames.map((state) => (
          <a
            key={state ?? "all"}
            href={hrefOf({ view: "builds", query: "", filter: { ...filter, state } })}
            aria-current={filter.state === state ? "page" : undefined}
          >
            {state ?? "all"}
          </a>
        ))}
      </nav>
      {chains.length > 1 && (
        <label>
          Chain{" "}
          <select
            value={filter.chain ?? ""}
            onChange={({ currentTarget }) => {
              const chain = (currentTarget.value || undefined) as BuildFilter["chain"];
              goTo({ view: "builds", query: "", filter: { ...filter, chain } });
            }}
          >
            <option value="">all</option>
            {chains.map(({ name, chainId, assay }) => (
              <option value={`${chainId}-${assay.toLowerCase()}`} key={`${chainId}-${assay}`}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {others.map((name) => (
        <a
          class="chip-set"
          key={name}
          href={hrefOf({ view: "builds", query: "", filter: { ...filter, [name]: undefined } })}
        >
          {name}: <bdi>{filter[name]}</bdi> <span aria-hidden="true">×</span>
          <span class="only-heard">, remove this filter</span>
        </a>
      ))}
    </div>
  );
}
