import { useSignal } from "@preact/signals";
import type { GuestInstruction } from "../../../emulator/guestInstruction.ts";
import type { SymbolTable } from "../../../emulator/symbols.ts";
import type { ClaimSummary } from "../../records.ts";
import { VerifyHere } from "../build/verifyHere.tsx";
import { Facts } from "../parts/facts.tsx";
import { Words } from "../parts/words.tsx";
import { ownRuns } from "../verify/ownRuns.ts";

interface GuestStepProps {
  readonly claim: ClaimSummary;
  readonly tick: number;
  readonly step: number;
}

type State =
  | { readonly kind: "none" | "looking" }
  | { readonly kind: "found"; readonly instruction: GuestInstruction | undefined }
  | { readonly kind: "failed"; readonly why: string };

/** The guest's instruction that the disputed step is a part of: it takes the machine, and so the build to be run in this tab. */
export function GuestStep({ claim, tick, step }: GuestStepProps) {
  const state = useSignal<State>({ kind: "none" });
  const own = ownRuns.value.find(({ claimId }) => claimId === claim.claimId);
  const look = async () => {
    state.value = { kind: "looking" };
    try {
      state.value = { kind: "found", instruction: await own!.guestAt(tick, step) };
    } catch (error) {
      state.value = { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  };
  const { value } = state;
  return (
    <>
      <h3>In the guest</h3>
      {value.kind === "found" && <InstructionShown instruction={value.instruction} />}
      {value.kind === "failed" && (
        <p class="fault" role="alert">
          It cannot be said: <Words text={value.why} />
        </p>
      )}
      {own === undefined ? (
        <p class="quiet">
          Which instruction of the guest this step is a part of, this tab knows once it has run the build.
        </p>
      ) : (
        value.kind !== "found" && (
          <p>
            <button type="button" onClick={() => void look()} disabled={value.kind === "looking"}>
              Show the guest's instruction
            </button>
          </p>
        )
      )}
      <VerifyHere claim={claim} />
    </>
  );
}

function InstructionShown({ instruction }: { readonly instruction: GuestInstruction | undefined }) {
  const symbols = useSignal<SymbolTable | undefined>(undefined);
  const fault = useSignal<string | undefined>(undefined);
  if (instruction === undefined) return <p>The guest has stopped before this step.</p>;
  const { address, mode, text } = instruction;
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      const { readSymbolTable } = await import("../../../emulator/symbols.ts");
      symbols.value = readSymbolTable(new Uint8Array(await file.arrayBuffer()));
      fault.value = undefined;
    } catch (error) {
      fault.value = error instanceof Error ? error.message : String(error);
    }
  };
  const symbol = symbols.value?.at(address);
  return (
    <div role="status">
      <p class="instruction">
        <code>{text}</code>
      </p>
      <Facts
        entries={[
          ["At", <code key="at">0x{address.toString(16)}</code>],
          ["Mode", mode],
          ["In", symbol ? <Words key="symbol" text={symbol} isCode /> : symbols.value && "no symbol of this file"],
        ]}
      />
      <label>
        Its name, by a kernel or program (an ELF file for RISC-V){" "}
        <input type="file" onChange={({ currentTarget }) => void read(currentTarget.files?.[0])} />
      </label>
      {fault.value !== undefined && (
        <p class="fault" role="alert">
          <Words text={fault.value} />
        </p>
      )}
    </div>
  );
}
