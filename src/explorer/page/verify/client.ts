/** A verification as the page sees it: starts the worker, keeps what it tells, ends it. */
import { AssayError } from "../../../core/errors.ts";
import type { GuestInstruction } from "../../../emulator/guestInstruction.ts";
import type { CheckpointList } from "../../../protocol/checkpoints.ts";
import type { Trace } from "../../../protocol/trace.ts";
import type { Verdict } from "./compare.ts";
import type { Failure, FromWorker, Plan, Progress, ToWorker, TraceMethod, VerifyTask } from "./messages.ts";
import type { OwnResult } from "./ownRuns.ts";

/** What is told, in the order in which it happens. */
export interface VerificationEvents {
  readonly onPlan: (plan: Plan) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onParting: (parting: { readonly checkpoint: number; readonly tick: number }) => void;
  readonly onNote: (text: string) => void;
  readonly onVerdict: (verdict: Verdict) => void;
  /** It cannot go on. */
  readonly onFailure: (failure: Failure) => void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One claim in one worker. */
export class Verification {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;

  /** Plans: what a run takes is told before anything large is fetched. */
  constructor(
    task: VerifyTask,
    private readonly events: VerificationEvents,
  ) {
    this.worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => this.receive(data));
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      events.onFailure({ code: undefined, message: event.message || "the worker could not be started" });
    });
    this.post({ kind: "plan", task });
  }

  /** Fetches and runs what is planned. */
  run(): void {
    this.post({ kind: "run" });
  }

  /** The trace of the build, as the worker has it once the run has ended. */
  get trace(): Trace {
    const ask =
      <T>(method: TraceMethod) =>
      (...values: readonly unknown[]) =>
        this.ask((id) => ({ kind: "ask", id, method, values })) as Promise<T>;
    return {
      tickRoots: ask("tickRoots"),
      openTick: ask("openTick"),
      stepRoots: ask("stepRoots"),
      stepWitness: ask("stepWitness"),
    };
  }

  /** What the run has left. */
  async left(): Promise<OwnResult> {
    return (await this.ask((id) => ({ kind: "left", id }))) as OwnResult;
  }

  /** What a Linux guest executes at a step; undefined for builds without one. */
  async guestAt(tick: number, step: number): Promise<GuestInstruction | undefined> {
    return (await this.ask((id) => ({ kind: "guest", id, tick, step }))) as GuestInstruction | undefined;
  }

  /** The claim's checkpoints, if they could be had. */
  async list(): Promise<CheckpointList | undefined> {
    return (await this.ask((id) => ({ kind: "list", id }))) as CheckpointList | undefined;
  }

  /** Ends the worker at once. What it has kept stays. */
  close(): void {
    this.worker.terminate();
    for (const { reject } of this.pending.values())
      reject(new AssayError("verify/worker-fault", "the verification was ended"));
    this.pending.clear();
  }

  private ask(message: (id: number) => ToWorker): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.post(message(id));
    });
  }

  private post(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  private receive(message: FromWorker): void {
    const { events } = this;
    switch (message.kind) {
      case "plan":
        return events.onPlan(message.plan);
      case "progress":
        return events.onProgress(message.progress);
      case "parts":
        return events.onParting(message);
      case "note":
        return events.onNote(message.text);
      case "verdict":
        return events.onVerdict(message.verdict);
      case "failure":
        return events.onFailure(message.failure);
      case "result":
        this.take(message.id)?.resolve(message.value);
        return;
      case "refusal":
        this.take(message.id)?.reject(new AssayError("verify/worker-fault", message.failure.message));
    }
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }
}
