/** Re-execution of one build in one thread, compared with what a claim says of it. */
import type { Root } from "../../../core/bytes.ts";
import { AssayError, isAssayError } from "../../../core/errors.ts";
import { address } from "../../../emulator/addresses.ts";
import { inputImages } from "../../../environment/runnable.ts";
import { nativeProgramOf } from "../../../machine/native/nativeProgram.ts";
import { MachineSession } from "../../../machine/native/session.ts";
import { SharedPrefix } from "../../../machine/native/sharedPrefix.ts";
import { MemorySnapshotStorage } from "../../../machine/native/snapshotStorage.ts";
import type { ClaimableProgram } from "../../../machine/program.ts";
import type { KeccakKernel } from "../../../merkle/keccakKernel.ts";
import {
  type CheckpointList,
  CheckpointTree,
  checkpointCount,
  decodeCheckpoints,
} from "../../../protocol/checkpoints.ts";
import { parseContentId } from "../../../store/contentId.ts";
import { Draft } from "../../../store/draft.ts";
import type { ContentSource } from "../../../store/store.ts";
import { Comparison, type Verdict } from "./compare.ts";
import type { TabEnvironment } from "./environments.ts";
import type { PlannedContent, Progress, VerifiedClaim } from "./messages.ts";
import { OverflowSnapshots } from "./overflowSnapshots.ts";
import type { Planned } from "./plan.ts";
import type { TabStorage } from "./tabStorage.ts";

/** Contents below this come again after a reload. */
const leastKeptBytes = 2 ** 16;
/** What snapshots along the run may take in memory, and those of a look into it. */
const memoryChainBytes = 192 * 2 ** 20;
const sideBytes = 256 * 2 ** 20;
const progressMilliseconds = 250;

export interface VerificationOptions {
  readonly claim: VerifiedClaim;
  readonly planned: Planned;
  readonly source: ContentSource;
  readonly kernel: KeccakKernel;
  /** Undefined: nothing is kept, and a reload begins again. */
  readonly storage: TabStorage | undefined;
  readonly onProgress: (progress: Progress) => void;
  readonly onParting: (parting: { readonly checkpoint: number; readonly tick: number }) => void;
  readonly onNote: (text: string) => void;
}

/** A run that has ended, and its machine. */
export interface Verified {
  readonly verdict: Verdict;
  readonly session: MachineSession;
  readonly environment: TabEnvironment;
  readonly program: ClaimableProgram;
  /** The claim's list of checkpoints, as it was published. */
  readonly list: CheckpointList | undefined;
}

/**
 * Fetches what a build is made of, runs it and compares.
 * @throws AssayError `verify/other-build`, `store/…`, `native/…`
 */
export async function verify(options: VerificationOptions): Promise<Verified> {
  const { claim, planned, onNote } = options;
  const list = await fetchList(options);
  const input = await fetchContent(options, planned.input);
  const dependencies = planned.dependencies && (await fetchContent(options, planned.dependencies));
  const environment = environmentFor(options, input, dependencies);
  const images: Uint8Array[] = [];
  for (const image of environment.images) images.push(await fetchContent(options, image));
  options.onProgress({ phase: "starting" });
  const run = new Run(options, environment, new Comparison(claim, list));
  try {
    return { ...(await run.toEnd(input, dependencies, images)), list };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    onNote(error.message);
    throw new AssayError("verify/too-large", "this browser does not give a tab the memory that the machine needs", {
      ...{ what: "memory", given: environment.memoryBytes, limit: 0 },
    });
  }
}

/** The environment of which the inputs make the claimed build. */
function environmentFor(
  { planned, claim, kernel }: VerificationOptions,
  input: Uint8Array,
  dependencies: Uint8Array | undefined,
): TabEnvironment {
  let given: Root | undefined;
  for (const environment of planned.environments) {
    given = environment.buildIdOf(input, dependencies, kernel);
    if (given === undefined || given === claim.buildId) return environment;
  }
  throw otherBuild(claim.buildId, given!);
}

async function fetchList(options: VerificationOptions): Promise<CheckpointList | undefined> {
  const { planned, claim, onNote } = options;
  if (planned.checkpoints === undefined) return undefined;
  try {
    const bytes = await fetchContent(options, planned.checkpoints);
    const list = decodeCheckpoints(bytes, checkpointCount(claim.log2Ticks, claim.log2CheckpointTicks));
    if (new CheckpointTree(list).root === claim.checkpointRoot) return list;
    onNote("the published checkpoints are not those of the claim: only the end is compared");
  } catch (error) {
    if (!isAssayError(error)) throw error;
    onNote(`the claim's checkpoints could not be had, only the end is compared: ${error.message}`);
  }
  return undefined;
}

/** A content: what is kept of it, and the rest from stores. */
async function fetchContent(
  { source, storage, onProgress, onNote }: VerificationOptions,
  { what, id: text, size }: PlannedContent,
): Promise<Uint8Array> {
  const id = parseContentId(text);
  const tell = (bytes: number) => onProgress({ phase: "fetching", what, bytes, size });
  tell(0);
  const kept = size < leastKeptBytes ? undefined : await storage?.content(id, size);
  if (kept === undefined || source.bring === undefined) return await source.get(id, size);
  const draft = new Draft(kept, Math.min(kept.size, size));
  const timer = setInterval(() => tell(draft.size), progressMilliseconds);
  try {
    await source.bring(id, size, draft);
    if (!kept.isKept) onNote("this browser has no more room: what is fetched is fetched again after a reload");
    return kept.bytes(0, draft.size);
  } finally {
    clearInterval(timer);
    kept.close();
  }
}

class Run {
  private ownTicks = 0;
  private told = 0;
  private started = 0;
  private memory: Uint8Array | undefined;
  private instructionsAtStart: number | undefined;
  private session: MachineSession | undefined;
  private hasEnded = false;

  constructor(
    private readonly options: VerificationOptions,
    private readonly environment: TabEnvironment,
    private readonly comparison: Comparison,
  ) {}

  async toEnd(
    input: Uint8Array,
    dependencies: Uint8Array | undefined,
    images: readonly Uint8Array[],
  ): Promise<Omit<Verified, "list">> {
    const { claim } = this.options;
    const { session, program } = await this.open(input, dependencies, images);
    this.session = session;
    if (session.startRoot() !== claim.buildId) throw otherBuild(claim.buildId, session.startRoot());
    this.started = performance.now();
    this.compare();
    const log2CheckpointTicks = this.environment.log2CheckpointTicks(input.length);
    try {
      session.run({ log2Arity: 1, checkpointSeconds: 2, log2CheckpointTicks }, () => {
        this.compare();
        this.tell();
      });
    } catch (error) {
      if (!(isAssayError(error, "native/aborted") && this.isBeyond)) throw error;
    }
    this.hasEnded = true;
    this.compare();
    this.tell();
    const ticks = session.tick;
    const [own] = session.tickRoots([2 ** claim.log2Ticks]);
    return { verdict: this.comparison.conclude(ticks, own!), session, environment: this.environment, program };
  }

  private async open(
    input: Uint8Array,
    dependencies: Uint8Array | undefined,
    images: readonly Uint8Array[],
  ): Promise<{ readonly session: MachineSession; readonly program: ClaimableProgram }> {
    const { environment } = this;
    const { kernel, storage, claim, onNote } = this.options;
    const { program, drives } = await environment.open(images);
    const file = await storage?.runOf(claim.buildId);
    if (file === undefined) onNote("nothing of this run is kept: after a reload it begins again");
    const onFull = () =>
      onNote("this browser has no more room: the run goes on, and after a reload from the last snapshot that was kept");
    const run = file && new OverflowSnapshots(file, memoryChainBytes, onFull);
    const place = environment.sharedBoot(input);
    const boot = place && (await storage?.bootOf(environment.id));
    const session = new MachineSession({
      program: nativeProgramOf(program),
      drives: [...drives, ...inputImages(environment.drives, input, dependencies)],
      kernel,
      ...(place && boot && { prefix: new SharedPrefix(kernel, boot, place) }),
      storage: run ?? new MemorySnapshotStorage(),
      chainBytes: run === undefined ? memoryChainBytes : storage!.bytes / 4,
      sideBytes,
      fixedRegions: environment.fixedRegions,
      maxLog2StepsPerTick: environment.maxLog2StepsPerTick,
      beat: () => {
        this.ownTicks++;
        // What is behind the claim's end is nothing that it speaks of.
        if (this.isBeyond && !this.hasEnded) throw new AssayError("native/aborted", "the claim ends before this tick");
        if (performance.now() - this.told >= progressMilliseconds) this.tell();
      },
      ...(environment.isGuest && { observe: (memory: Uint8Array) => this.observe(memory) }),
      report: onNote,
    });
    return { session, program };
  }

  private get isBeyond(): boolean {
    return (this.session?.tick ?? 0) > 2 ** this.options.claim.log2Ticks;
  }

  private observe(memory: Uint8Array): void {
    this.memory = memory;
    this.instructionsAtStart ??= this.retired();
  }

  private retired(): number | undefined {
    const { memory } = this;
    if (memory === undefined) return undefined;
    return Number(new DataView(memory.buffer).getBigUint64(address.retired, true));
  }

  private compare(): void {
    const parting = this.comparison.take(this.session!.knownRoots(this.comparison.from));
    if (parting !== undefined) this.options.onParting(parting);
  }

  private tell(): void {
    this.told = performance.now();
    const retired = this.retired();
    this.options.onProgress({
      phase: "running",
      ticks: this.session?.tick ?? 0,
      ownTicks: this.ownTicks,
      seconds: this.started === 0 ? 0 : (this.told - this.started) / 1000,
      instructions: retired === undefined ? undefined : retired - this.instructionsAtStart!,
      compared: this.comparison.compared,
    });
  }
}

function otherBuild(expected: Root, given: Root) {
  return new AssayError(
    "verify/other-build",
    `what the claim's publication names is build ${given}; the claim is about ${expected}`,
    { expected, given },
  );
}
