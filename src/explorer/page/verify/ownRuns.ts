import { signal } from "@preact/signals";
import type { Root } from "../../../core/bytes.ts";
import type { GuestInstruction } from "../../../emulator/guestInstruction.ts";
import type { Verdict } from "./compare.ts";

/** A build that has been run in this tab, against one claim. */
export interface OwnRun {
  readonly buildId: Root;
  readonly claimId: Root;
  readonly verdict: Verdict;
  /** What a Linux guest executes at a step; undefined for builds without one. */
  readonly guestAt: (tick: number, step: number) => Promise<GuestInstruction | undefined>;
  /** What it has left. @throws AssayError `verify/worker-fault` once the run has been put away */
  readonly left: () => Promise<OwnResult>;
}

export interface OwnResult {
  /** `running`: the claim ends before the build does. */
  readonly end: "halted" | "trapped" | "running";
  readonly exitCode: number;
  /** Of builds that have left one; `sha256` of the bytes, in hexadecimal. */
  readonly artifact: { readonly sha256: string; readonly bytes: Uint8Array } | undefined;
}

/** Runs that have ended and whose machines are still there, the newest last. */
export const ownRuns = signal<readonly OwnRun[]>([]);

export function noteOwnRun(run: OwnRun): void {
  dropOwnRun(run.claimId);
  ownRuns.value = [...ownRuns.value, run];
}

export function dropOwnRun(claimId: Root): void {
  if (ownRuns.value.some((run) => run.claimId === claimId))
    ownRuns.value = ownRuns.value.filter((run) => run.claimId !== claimId);
}
