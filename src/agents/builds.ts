import { type ClaimPublication, fetchPublication } from "../client/publication.ts";
import type { Root } from "../core/bytes.ts";
import { AssayError, isAssayError } from "../core/errors.ts";
import type { Outcome } from "../protocol/claim.ts";
import type { RegistersProof, Trace } from "../protocol/trace.ts";
import type { ContentId } from "../store/contentId.ts";
import type { Store } from "../store/store.ts";
import type { AgentLimits } from "./agent.ts";
import type { TickMeasure } from "./answeringTime.ts";
import type { Log } from "./log.ts";

/** A build that this process has run from its first state to its last. */
export interface FinishedBuild {
  readonly buildId: Root;
  readonly trace: Trace;
  readonly finalRoot: Root;
  /** Ticks until the program halted or trapped; the claim says the next power of two. */
  readonly ticks: number;
  readonly log2Ticks: number;
  readonly log2CheckpointTicks: number;
  /** Roots of checkpoints 1, 2, ... of the claim's range. */
  readonly checkpoints: readonly Root[];
  /** Registers of the first state. */
  readonly startProof: RegistersProof;
  /** Registers and result record of the last state (format: `IStepVerifier.result`). */
  readonly endProof: Uint8Array;
  /** What the last state says about the build. */
  readonly outcome: Outcome;
  /** How long it took here to look into one of its ticks. */
  readonly measure: TickMeasure;
  /** Most steps of one tick: proven for the environments that an operator can allow. */
  readonly maxLog2Steps: number;
  readonly runSeconds: number;
  readonly environment: ClaimPublication["build"]["environment"];
  readonly input: { readonly id: ContentId; readonly size: number };
  /** The image in the dependency drive, if there is one. */
  readonly dependencies?: { readonly id: ContentId; readonly size: number } | undefined;
  /** Frees what is kept for it, on disk too; its trace is not to be used any more. */
  discard(): Promise<void>;
}

/** Runs builds: knows the environments that the operator allows, and the machine. */
export interface Runner {
  /** Whether an environment is on the operator's allow-list; by its id, names are for people. */
  allows(environmentId: Root): boolean;
  /** Bytes that the input drive of an allowed environment has: a larger input is that of no build. */
  inputCapacity(environmentId: Root): number;
  /**
   * Runs a build to its end.
   * @param readInput reads the content of the input drive: now, and again whenever the machine is opened anew. Nobody keeps it meanwhile.
   * @param readDependencies as `readInput`, the dependency image, where the build has one.
   * @throws AssayError `agents/input-mismatch` when environment, input and dependencies are not those of `buildId`, before anything runs;
   * `agents/too-long`
   */
  run(
    buildId: Root,
    environmentId: Root,
    readInput: () => Promise<Uint8Array>,
    signal: AbortSignal,
    readDependencies?: () => Promise<Uint8Array>,
  ): Promise<FinishedBuild>;
  /** Ends all machines. */
  close(): Promise<void>;
}

export type BuildState =
  | { readonly kind: "pending" }
  | { readonly kind: "ready"; readonly build: FinishedBuild }
  | FailedBuild;

export interface FailedBuild {
  readonly kind: "failed";
  readonly code: string;
  readonly why: string;
  /** When it may be tried again, in milliseconds; infinite when the same locators cannot help. */
  readonly retryAt: number;
}

/** Pause before a build that failed is tried again; it doubles each time, up to the longest. */
const firstRetryMilliseconds = 2_000;
const longestRetryMilliseconds = 300_000;

/**
 * The builds a daemon knows, by their id. They run one after another in the background; disputes about finished ones go on
 * meanwhile. Whatever a locator leads to is checked against the build id before it runs.
 */
export class Builds {
  private readonly states = new Map<Root, BuildState>();
  private readonly tried = new Map<Root, string>();
  private readonly failures = new Map<Root, number>();
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly runner: Runner,
    private readonly limits: AgentLimits,
    private readonly log: Log,
    private readonly signal: AbortSignal,
    /** Called when a build is finished, or has failed. */
    private readonly onSettled: (result: "finished" | "failed") => void = () => {},
  ) {}

  /**
   * The state of a build; begins it when it is not there, and tries again when it failed and something may have changed.
   * @param locators where its description may be found: of requests and of all claims. Each is tried.
   */
  want(buildId: Root, locators: readonly string[]): BuildState {
    const known = this.states.get(buildId);
    const places = [...new Set(locators)].sort().join("\n");
    if (known !== undefined && known.kind !== "failed") return known;
    if (known !== undefined && this.tried.get(buildId) === places && Date.now() < known.retryAt) return known;
    this.tried.set(buildId, places);
    // A failure stays what others see until the next attempt has come to something.
    this.states.set(
      buildId,
      known === undefined ? { kind: "pending" } : { ...known, retryAt: Number.POSITIVE_INFINITY },
    );
    this.queue = this.queue.then(async () => {
      await this.obtain(buildId, [...new Set(locators)]);
      this.onSettled(this.ready(buildId) === undefined ? "failed" : "finished");
    });
    return known ?? { kind: "pending" };
  }

  /** Of a finished build: the build. */
  ready(buildId: Root): FinishedBuild | undefined {
    const state = this.states.get(buildId);
    return state?.kind === "ready" ? state.build : undefined;
  }

  /** Discards finished builds that nobody needs any more. */
  async keepOnly(needed: ReadonlySet<Root>): Promise<void> {
    for (const [buildId, state] of this.states) {
      if (state.kind === "pending" || needed.has(buildId)) continue;
      this.states.delete(buildId);
      this.tried.delete(buildId);
      this.failures.delete(buildId);
      if (state.kind === "ready") {
        await state.build.discard();
        this.log.debug({ build: buildId }, "build discarded");
      }
    }
  }

  get pending(): boolean {
    return [...this.states.values()].some(({ kind }) => kind === "pending");
  }

  async close(): Promise<void> {
    await this.queue;
    await this.runner.close();
  }

  private async obtain(buildId: Root, locators: readonly string[]): Promise<void> {
    if (this.signal.aborted || this.states.get(buildId)?.kind === "ready") return;
    const failures = this.failures.get(buildId) ?? 0;
    this.failures.set(buildId, failures + 1);
    const pause = Math.min(longestRetryMilliseconds, firstRetryMilliseconds * 2 ** Math.min(failures, 20));
    let settled = true;
    let failure = { code: "agents/no-locator", why: "nobody says where its inputs are" };
    for (const locator of locators) {
      try {
        const build = await this.runFrom(buildId, locator);
        this.states.set(buildId, { kind: "ready", build });
        const { ticks, finalRoot, runSeconds } = build;
        this.log.info({ build: buildId, ticks, finalRoot, seconds: runSeconds }, "build finished");
        return;
      } catch (error) {
        if (this.signal.aborted) return;
        const code = isAssayError(error) ? error.code : "agents/run-fault";
        const why = error instanceof Error ? error.message : String(error);
        failure = { code, why };
        settled &&= /^(agents|client|machine|wasm)\//.test(code) && !code.endsWith("-fault");
      }
    }
    const retryAt = settled ? Number.POSITIVE_INFINITY : Date.now() + pause;
    this.states.set(buildId, { kind: "failed", ...failure, retryAt });
  }

  private async runFrom(buildId: Root, locator: string): Promise<FinishedBuild> {
    const { build } = await fetchPublication(this.store, locator);
    const { environment, input, dependencies } = build;
    if (!this.runner.allows(environment.id)) {
      throw new AssayError(
        "agents/unknown-environment",
        `the environment ${environment.name} (${environment.id}) is not on the list of allowed environments`,
        { environment },
      );
    }
    const mostInputBytes = Math.min(this.limits.maxInputBytes, this.runner.inputCapacity(environment.id));
    const readInput = this.readerOf(input, "an input", mostInputBytes);
    const readDependencies =
      dependencies && this.readerOf(dependencies, "dependencies", this.limits.maxDependencyBytes);
    const { length } = await readInput();
    const facts = { environment: environment.name, inputBytes: length, dependencyBytes: dependencies?.size };
    this.log.info({ build: buildId, ...facts }, "build started");
    return await this.runner.run(buildId, environment.id, readInput, this.signal, readDependencies);
  }

  /** @throws AssayError `agents/too-large` */
  private readerOf({ id, size }: FinishedBuild["input"], what: string, limit: number): () => Promise<Uint8Array> {
    if (size > limit) {
      throw new AssayError("agents/too-large", `${what} of ${size} bytes: that is above the limit of ${limit}`, {
        size,
      });
    }
    return async () => await this.store.get(id, Math.max(size, 1));
  }
}
