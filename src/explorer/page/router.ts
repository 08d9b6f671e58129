import { signal } from "@preact/signals";
import type { BuildFilter, BuildState, ChainKey } from "../records.ts";
import { buildStates } from "../records.ts";

/** What the page shows. It stands behind the `#` of its address, so that any static host can serve it from any folder. */
export type Route =
  | { readonly view: "builds"; readonly filter: BuildFilter; readonly query: string }
  | { readonly view: "build" | "claim" | "dispute"; readonly chain: ChainKey; readonly id: string }
  | { readonly view: "operators" }
  | { readonly view: "operator"; readonly chain: ChainKey; readonly id: string }
  | { readonly view: "policy" }
  | { readonly view: "nowhere"; readonly path: string };

const ids = { build: 64, claim: 64, dispute: 64, operator: 40 } as const;

/** @param hash as `location.hash` has it. */
export function routeOf(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [view = "", chain = "", id = "", ...rest] = path.split("/");
  if (view === "" || (view === "builds" && chain === "")) return buildsRoute(new URLSearchParams(search));
  if ((view === "operators" || view === "policy") && chain === "") return { view };
  if (view in ids && rest.length === 0 && /^\d{1,16}-0x[0-9a-f]{40}$/.test(chain)) {
    const kind = view as keyof typeof ids;
    const lower = id.toLowerCase();
    if (new RegExp(`^0x[0-9a-f]{${ids[kind]}}$`).test(lower))
      return { view: kind, chain: chain as ChainKey, id: lower };
  }
  return { view: "nowhere", path };
}

function buildsRoute(given: URLSearchParams): Route {
  const word = (name: string) => given.get(name)?.slice(0, 200) || undefined;
  const state = given.get("state") as BuildState;
  const chain = word("chain");
  const filter: BuildFilter = {
    state: buildStates.includes(state) ? state : undefined,
    chain: chain !== undefined && /^\d{1,16}-0x[0-9a-f]{40}$/.test(chain) ? (chain as ChainKey) : undefined,
    repository: word("repository"),
    environment: word("environment"),
    operator: word("operator"),
  };
  return { view: "builds", filter, query: word("q") ?? "" };
}

/** The address of a view, as links have it. */
export function hrefOf(route: Route): string {
  switch (route.view) {
    case "builds": {
      const search = new URLSearchParams();
      const given = { q: route.query, ...route.filter };
      for (const [name, value] of Object.entries(given)) if (value) search.set(name, value);
      return search.size === 0 ? "#/" : `#/builds?${search}`;
    }
    case "operators":
    case "policy":
      return `#/${route.view}`;
    case "nowhere":
      return "#/";
    default:
      return `#/${route.view}/${route.chain}/${route.id}`;
  }
}

export const route = signal<Route>(routeOf(location.hash));

export function startRouter(): void {
  addEventListener("hashchange", () => {
    route.value = routeOf(location.hash);
  });
}

/** Goes to a view; `replace` leaves no entry in the history: for filters that are typed. */
export function goTo(next: Route, replace = false): void {
  if (!replace) {
    location.hash = hrefOf(next);
    return;
  }
  try {
    history.replaceState(null, "", hrefOf(next));
  } catch {
    // Some browsers allow a hundred in half a minute; the address is right again with the next.
  }
  route.value = next;
}
