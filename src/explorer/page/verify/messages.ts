/** What the page and its worker tell each other: plain data. */
import type { Root } from "../../../core/bytes.ts";
import type { SessionClient } from "../../../machine/native/sessionClient.ts";
import type { ClaimDetail } from "../../records.ts";
import type { Verdict } from "./compare.ts";

/** What is verified of a claim. */
export type VerifiedClaim = Pick<
  ClaimDetail,
  "claimId" | "buildId" | "finalRoot" | "log2Ticks" | "log2CheckpointTicks" | "checkpointRoot" | "locator"
>;

export interface VerifyTask {
  readonly claim: VerifiedClaim;
  /** Addresses of stores: `https://…`, `ipfs+https://…`. */
  readonly stores: readonly string[];
  /** Where the page is: environments are looked for there too. */
  readonly page: string;
}

/** Something that is fetched, in bytes. */
export interface PlannedContent {
  readonly what: "input" | "dependencies" | "kernel" | "root file system" | "checkpoints";
  readonly id: string;
  readonly size: number;
}

/** What a verification takes. */
export interface Plan {
  readonly environment: { readonly name: string; readonly id: Root };
  readonly contents: readonly PlannedContent[];
  /** Bytes of the machine's memory. */
  readonly memoryBytes: number;
  /** Where the input is said to come from. Nobody relies on it. */
  readonly source?: string | undefined;
  /** Checkpoints that the claim implies, between its first and last state. */
  readonly checkpoints: number;
}

/** How far a verification is. */
export type Progress =
  | { readonly phase: "fetching"; readonly what: PlannedContent["what"]; readonly bytes: number; readonly size: number }
  | { readonly phase: "starting" }
  | {
      readonly phase: "running";
      readonly ticks: number;
      readonly seconds: number;
      /** Ticks that were run by this worker. */
      readonly ownTicks: number;
      /** Instructions of the guest that this worker has run, where there is one. */
      readonly instructions?: number | undefined;
      /** Checkpoints that have been compared, all of them equal as long as nothing else is told. */
      readonly compared: number;
    };

/** Why something failed: `code` is that of an `AssayError`. */
export interface Failure {
  readonly code: string | undefined;
  readonly message: string;
}

export type FromWorker =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "progress"; readonly progress: Progress }
  /** The first checkpoint that differs; the run goes on. */
  | { readonly kind: "parts"; readonly checkpoint: number; readonly tick: number }
  /** Something that the reader may want to know: what was repaired, where nothing is kept. */
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  | { readonly kind: "failure"; readonly failure: Failure }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly failure: Failure };

/** What a trace is asked, of the machine that has run. */
export type TraceMethod = "tickRoots" | "openTick" | "stepRoots" | "stepWitness";

export type ToWorker =
  | { readonly kind: "plan"; readonly task: VerifyTask }
  | { readonly kind: "run" }
  /** Answered once the run has ended, in the order in which they come. */
  | { readonly kind: "ask"; readonly id: number; readonly method: TraceMethod; readonly values: readonly unknown[] }
  /** What the run has left: `OwnResult`. */
  | { readonly kind: "left"; readonly id: number }
  /** The guest's instruction at a step: `GuestInstruction`, undefined for builds without a guest. */
  | { readonly kind: "guest"; readonly id: number; readonly tick: number; readonly step: number }
  /** The checkpoint list as it was published, if it is the claim's. */
  | { readonly kind: "list"; readonly id: number };

export type TraceClient = Pick<SessionClient, TraceMethod>;
