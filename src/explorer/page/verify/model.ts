/** One claim's verification as the panel shows it, and over reloads. */
import { signal } from "@preact/signals";
import type { ExplorerSettings } from "../../settings.ts";
import { Verification } from "./client.ts";
import type { Verdict } from "./compare.ts";
import { keep, keptChallengeKey, keptRunKey, readKept } from "./kept.ts";
import type { Failure, Plan, Progress, VerifiedClaim, VerifyTask } from "./messages.ts";
import { dropOwnRun, noteOwnRun } from "./ownRuns.ts";
import { planBytes } from "./words.ts";

/** More than this is fetched only when the reader says so. */
export const askedBytes = 8 * 2 ** 20;
/** Notes that are shown: strangers' servers can cause any number. */
const mostNotes = 12;

export class VerifyModel {
  /** `planned`: it waits for the reader's word. */
  readonly phase = signal<"idle" | "planning" | "planned" | "running" | "done" | "failed">("idle");
  readonly plan = signal<Plan | undefined>(undefined);
  readonly progress = signal<Progress | undefined>(undefined);
  readonly parting = signal<{ readonly checkpoint: number; readonly tick: number } | undefined>(undefined);
  readonly notes = signal<readonly string[]>([]);
  readonly verdict = signal<Verdict | undefined>(undefined);
  readonly failure = signal<Failure | undefined>(undefined);
  private running: Verification | undefined;

  constructor(
    private readonly settings: Pick<ExplorerSettings, "stores">,
    private readonly claim: VerifiedClaim,
  ) {}

  /** The worker, once it has a verdict. */
  get verification(): Verification | undefined {
    return this.running;
  }

  /** Goes on with what a reload has interrupted. */
  resume(): void {
    const isChallenged = readKept(keptChallengeKey(this.claim.claimId)) !== undefined;
    if (this.phase.value === "idle" && (this.isAgreed || isChallenged)) this.start();
  }

  start(): void {
    this.close();
    this.phase.value = "planning";
    this.plan.value = undefined;
    this.progress.value = undefined;
    this.parting.value = undefined;
    this.notes.value = [];
    this.verdict.value = undefined;
    this.failure.value = undefined;
    this.running = new Verification(this.task(), {
      onPlan: (plan) => {
        this.plan.value = plan;
        if (this.isAgreed || planBytes(plan) <= askedBytes) this.run();
        else this.phase.value = "planned";
      },
      onProgress: (progress) => {
        this.progress.value = progress;
      },
      onParting: (parting) => {
        this.parting.value = parting;
      },
      onNote: (text) => {
        if (!this.notes.value.includes(text)) this.notes.value = [...this.notes.value, text].slice(-mostNotes);
      },
      onVerdict: (verdict) => {
        this.verdict.value = verdict;
        const { buildId, claimId } = this.claim;
        const { running } = this;
        if (running !== undefined) {
          noteOwnRun({
            ...{ buildId, claimId, verdict },
            guestAt: async (tick, step) => await running.guestAt(tick, step),
            left: async () => await running.left(),
          });
        }
        this.end("done");
      },
      onFailure: (failure) => {
        this.failure.value = failure;
        this.end("failed");
      },
    });
  }

  /** Fetches and runs; also after a reload, until it has ended. */
  run(): void {
    keep(this.key, "running");
    this.phase.value = "running";
    this.running?.run();
  }

  cancel(): void {
    this.close();
    this.end("idle");
  }

  /** The page shows something else: the run ends, and is gone on with when it is shown again. */
  leave(): void {
    this.close();
    this.phase.value = "idle";
  }

  private close(): void {
    this.running?.close();
    this.running = undefined;
    dropOwnRun(this.claim.claimId);
  }

  private end(phase: "done" | "failed" | "idle"): void {
    keep(this.key, undefined);
    this.phase.value = phase;
  }

  /** Whether the reader has said that it is to be fetched and run. */
  private get isAgreed(): boolean {
    return readKept(this.key) !== undefined;
  }

  private get key(): string {
    return keptRunKey(this.claim.claimId);
  }

  private task(): VerifyTask {
    const { claimId, buildId, finalRoot, log2Ticks, log2CheckpointTicks, checkpointRoot, locator } = this.claim;
    const page = new URL(".", document.baseURI).href;
    const stores = this.settings.stores.map((url) => (url.startsWith("ipfs+") ? url : new URL(url, page).href));
    const claim = { claimId, buildId, finalRoot, log2Ticks, log2CheckpointTicks, checkpointRoot, locator };
    return { claim, stores, page };
  }
}
