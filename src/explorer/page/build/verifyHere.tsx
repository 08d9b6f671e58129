import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import type { ClaimDetail, ClaimSummary } from "../../records.ts";
import { claimOnChain } from "../chain/gateway.ts";
import { Words } from "../parts/words.tsx";
import { chainOf, settings } from "../state/settings.ts";
import { isKept } from "../verify/kept.ts";
import type { VerifyPanelProps } from "../verify/view.tsx";

type Opened =
  | { readonly kind: "closed" }
  | { readonly kind: "opening" }
  | { readonly kind: "open"; readonly claim: ClaimDetail; readonly Panel: ComponentType<VerifyPanelProps> }
  | { readonly kind: "failed"; readonly why: string };

/** Re-execution of a claim's build in this tab. What it takes is loaded when it is opened. */
export function VerifyHere({ claim: { chain, claimId } }: { readonly claim: ClaimSummary }) {
  const opened = useSignal<Opened>({ kind: "closed" });
  const given = chainOf(chain);
  const open = async () => {
    opened.value = { kind: "opening" };
    try {
      // What is verified is what the contract has: an index could name another claim's states.
      const [{ VerifyPanel }, claim] = await Promise.all([import("../verify/view.tsx"), claimOnChain(chain, claimId)]);
      opened.value =
        claim === undefined
          ? { kind: "failed", why: "the chain does not have the claim any more" }
          : { kind: "open", claim, Panel: VerifyPanel };
    } catch (error) {
      opened.value = { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  };
  useEffect(() => {
    if (isKept(claimId)) void open();
  }, [claimId]);
  const { value } = opened;
  if (given === undefined || settings.value === undefined) return null;
  if (value.kind === "open") return <value.Panel settings={settings.value} chain={given} claim={value.claim} />;
  return (
    <p>
      <button type="button" onClick={() => void open()} disabled={value.kind === "opening"}>
        Verify in this tab…
      </button>
      {value.kind === "failed" && (
        <span class="fault" role="alert">
          {" "}
          It cannot be begun: <Words text={value.why} />
        </span>
      )}
    </p>
  );
}
