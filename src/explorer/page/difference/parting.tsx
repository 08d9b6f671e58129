import { useSignal } from "@preact/signals";
import type { ClaimDetail, ClaimSummary, DisputeSummary } from "../../records.ts";
import { claimOnChain } from "../chain/gateway.ts";
import { grouped } from "../format.ts";
import { Words } from "../parts/words.tsx";
import { hrefOf } from "../router.ts";
import { theIndex } from "../state/index.ts";
import { tell } from "../told.ts";
import type { OwnRun } from "../verify/ownRuns.ts";
import type { ClaimParting } from "./claimParting.ts";
import type { Side } from "./sides.ts";

interface PartingProps {
  readonly first: Side;
  readonly second: Side;
  readonly disputes: readonly DisputeSummary[];
}

/** Where the runs of two results have parted, as far as both tell their states. */
export function Parting({ first, second, disputes }: PartingProps) {
  const own = first.own ?? second.own;
  const claims = [first, second].flatMap(({ claim }) => (claim === undefined ? [] : [claim]));
  const dispute = disputes.find(({ claimId, won }) => won && claims.some((claim) => claim.claimId === claimId));
  return (
    <>
      {claims.length === 2 && <ClaimsPart pair={[claims[0]!, claims[1]!]} />}
      {own !== undefined && claims[0]?.claimId === own.claimId && <OwnParts own={own} />}
      {dispute !== undefined && (
        <p>
          <a href={hrefOf({ view: "dispute", chain: dispute.chain, id: dispute.challengeId })}>
            The dispute that was won
          </a>{" "}
          shows the step at which the claim went wrong.
        </p>
      )}
    </>
  );
}

function OwnParts({ own: { verdict, claimId } }: { readonly own: OwnRun }) {
  if (verdict.kind !== "parts") return null;
  const { checkpoint, tick } = verdict;
  return (
    <p>
      The run in this tab parts from the claim at{" "}
      {checkpoint === undefined ? "its end" : `checkpoint ${grouped(checkpoint)}`}, tick {grouped(tick)}:{" "}
      <button type="button" class="plain" onClick={() => show(claimId)}>
        see the verification
      </button>
    </p>
  );
}

function show(claimId: string): void {
  const claim = document.querySelector(`[data-claim="${CSS.escape(claimId)}"]`);
  claim?.querySelector(".verify")?.scrollIntoView({ block: "center" });
}

type Search =
  | { readonly kind: "none" | "searching" }
  | { readonly kind: "found"; readonly parting: ClaimParting }
  | { readonly kind: "failed"; readonly why: string };

function ClaimsPart({ pair }: { readonly pair: readonly [ClaimSummary, ClaimSummary] }) {
  const search = useSignal<Search>({ kind: "none" });
  const look = async () => {
    search.value = { kind: "searching" };
    try {
      const { partingOf } = await import("./claimParting.ts");
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
