import type { BuildAbout, BuildSummary } from "../../records.ts";
import { counted, shortHash } from "../format.ts";
import { Hash } from "../parts/hash.tsx";
import { OutcomeLine, State } from "../parts/states.tsx";
import { Ago } from "../parts/time.tsx";
import { Words } from "../parts/words.tsx";
import { TrustCell } from "../policy/trustCell.tsx";
import { hrefOf } from "../router.ts";
import { provenStates } from "./proven.ts";

export const columns = ["State", "Build", "Result", "Claims", "Trust", "Changed"] as const;

export function BuildRow({ build }: { readonly build: BuildSummary }) {
  const { chain, buildId, state, claims, refuted, disputes, outcome, about, changed } = build;
  const href = hrefOf({ view: "build", chain, id: buildId });
  return (
    <>
      <div role="cell" class="cell-state">
        <State state={state} isProven={provenStates.value.has(`${chain} ${buildId}`) && state === "final"} />
      </div>
      <div role="cell" class="cell-build">
        <a class="row-link" href={href}>
          <AboutLine about={about} fallback={`build ${shortHash(buildId)}`} />
        </a>
        <span class="quiet">
          <Hash value={buildId} of="build id" />
          {about.environment !== undefined && <Words text={about.environment.name} most={40} />}
        </span>
      </div>
      <div role="cell" class="cell-result">
        {outcome === undefined ? <span class="quiet">—</span> : <OutcomeLine outcome={outcome} />}
      </div>
      <div role="cell" class="cell-claims">
        {counted(claims, "claim")}
        {refuted > 0 && <span class="quiet">, {refuted} refuted</span>}
        {disputes > 0 && <span class="attention"> {counted(disputes, "dispute")}</span>}
      </div>
      <div role="cell" class="cell-trust">
        <TrustCell buildId={buildId} />
      </div>
      <div role="cell" class="cell-age">
        <Ago chain={chain} at={changed} />
      </div>
    </>
  );
}

/** What a build is of, as publications and attestations say. */
export function AboutLine({ about, fallback }: { readonly about: BuildAbout; readonly fallback: string }) {
  const { repository, commit, source } = about;
  if (repository !== undefined)
    return (
      <>
        <Words text={repository.replace(/^(git\+)?https?:\/\//, "")} most={120} />
        {commit !== undefined && (
          <>
            {" "}
            <code>{/^[0-9a-f]{40,64}$/.test(commit) ? commit.slice(0, 10) : <Words text={commit} most={20} />}</code>
          </>
        )}
      </>
    );
  return source === undefined ? <span>{fallback}</span> : <Words text={source} most={120} />;
}
