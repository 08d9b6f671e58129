import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Builds } from "./builds/view.tsx";
import { Footer } from "./footer.tsx";
import { lazily } from "./lazily.tsx";
import { Announcer } from "./parts/announcer.tsx";
import { focusHeading, Heading } from "./parts/heading.tsx";
import { Notice } from "./parts/notice.tsx";
import { Words } from "./parts/words.tsx";
import { hrefOf, type Route, route } from "./router.ts";
import { settings } from "./state/settings.ts";

const Build = lazily(async () => (await import("./build/view.tsx")).Build);
const Dispute = lazily(async () => (await import("./dispute/view.tsx")).Dispute);
const Operators = lazily(async () => (await import("./operators/view.tsx")).Operators);
const Operator = lazily(async () => (await import("./operators/view.tsx")).Operator);
const PolicyView: ComponentType = lazily(async () => (await import("./policy/view.tsx")).PolicyView);

const titles: Readonly<Record<Route["view"], string>> = {
  builds: "Builds",
  build: "Build",
  claim: "Claim",
  dispute: "Dispute",
  operators: "Operators",
  operator: "Operator",
  policy: "Policy",
  nowhere: "Not found",
};

const places: readonly (readonly [string, Route, readonly Route["view"][]])[] = [
  ["Builds", { view: "builds", filter: {}, query: "" }, ["builds", "build", "claim", "dispute"]],
  ["Operators", { view: "operators" }, ["operators", "operator"]],
  ["Policy", { view: "policy" }, ["policy"]],
];

/** The page. @param fault why it has no settings. */
export function App({ fault }: { readonly fault?: string | undefined }) {
  const { value } = route;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>("h1")?.focus()}>
        To the content
      </button>
      <header class="top">
        <a class="brand" href="#/">
          Assay
        </a>
        <nav aria-label="Views">
          {places.map(([name, to, views]) => (
            <a key={name} href={hrefOf(to)} aria-current={views.includes(value.view) ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main id="main">
        {fault !== undefined ? (
          <Notice kind="danger">
            <Words text={fault} />
          </Notice>
        ) : settings.value === undefined ? (
          <p class="waiting">Asking the host what it serves…</p>
        ) : (
          <View route={value} />
        )}
      </main>
      <Footer />
      <Announcer />
    </>
  );
}

function View({ route }: { readonly route: Route }) {
  // Filters and queries of a list are typed: they must not take the focus.
  const place = route.view === "builds" ? "builds" : hrefOf(route);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${titles[route.view]} · Assay`;
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    scrollTo(0, 0);
    focusHeading();
  }, [place]);
  switch (route.view) {
    case "builds":
      return (
        <>
          <Heading>Builds</Heading>
          <Builds filter={route.filter} query={route.query} />
        </>
      );
    case "build":
    case "claim":
      return <Build key={place} chain={route.chain} id={route.id} isClaim={route.view === "claim"} />;
    case "dispute":
      return <Dispute key={place} chain={route.chain} id={route.id} />;
    case "operators":
      return <Operators />;
    case "operator":
      return <Operator key={place} chain={route.chain} id={route.id} />;
    case "policy":
      return <PolicyView />;
    case "nowhere":
      return (
        <>
          <Heading>Not found</Heading>
          <p>
            There is no view <Words text={route.path} most={200} isCode />.
          </p>
        </>
      );
  }
}
