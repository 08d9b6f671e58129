import type { FinishedBuild, Runner } from "../../src/agents/builds.ts";
import { publish } from "../../src/client/publication.ts";
import type { Root } from "../../src/core/bytes.ts";
import { AssayError } from "../../src/core/errors.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import { contentIdOf } from "../../src/store/contentId.ts";
import type { Store } from "../../src/store/store.ts";
import type { ToyState } from "./game/toyMachine.ts";
import { ToyTrace } from "./game/toyTrace.ts";
import { checkpointRoots } from "./game/world.ts";

const environment = { name: "toy", id: `0x${"ab".repeat(32)}` as Root };
const log2CheckpointTicks = 2;

/** Runs toy programs instead of machines; the input of a build is the program's seed. */
export class FakeRunner implements Runner {
  /** Builds that were run, in order. */
  readonly runs: Root[] = [];
  /** What a finished build says of itself besides, for machines that are slow and programs that are long. */
  changes: Partial<FinishedBuild> = {};
  isAllowed = true;

  allows(): boolean {
    return this.isAllowed;
  }

  inputCapacity(): number {
    return 2 ** 26;
  }

  async run(buildId: Root, _environmentId: Root, readInput: () => Promise<Uint8Array>): Promise<FinishedBuild> {
    const input = await readInput();
    const build = await finishedToyBuild(toyBuild(new DataView(input.buffer, input.byteOffset).getUint32(0)));
    if (build.buildId !== buildId)
      throw new AssayError("agents/input-mismatch", "the input of another build", {
        expected: buildId,
        given: build.buildId,
      });
    this.runs.push(buildId);
    return { ...build, ...this.changes };
  }

  async close(): Promise<void> {}
}

const traces = new Map<string, ToyTrace>();

/** Hashing is most of what a trace costs; none changes. */
function kept(name: string, make: () => ToyTrace): ToyTrace {
  const trace = traces.get(name) ?? make();
  traces.set(name, trace);
  return trace;
}

/** The toy build of a number: 8 ticks. */
export function toyBuild(seed: number): ToyTrace {
  return kept(`${seed}`, () => new ToyTrace({ ticks: 8, maxSteps: 8, seed }));
}

/** A run of a toy build with one wrong state; another one for each number. */
export function wrongRun(seed: number, number = 0): ToyTrace {
  const { program } = toyBuild(seed);
  const digest = hashWords(1000 + number);
  const change = (state: ToyState) => ({ ...state, digest });
  return kept(`${seed} ${number}`, () => new ToyTrace(program, [{ tick: 5, step: 1, change }]));
}

/** Puts the input of a build, and its description, into a store. @returns the locator. */
export async function publishToyBuild(store: Store, seed: number): Promise<string> {
  const input = inputOf(seed);
  const id = await store.put(input);
  return await publish(store, { kind: "assay-build", version: 1, environment, input: { id, size: input.length } });
}

/** A locator whose description leads to nothing, different for each number. */
export async function uselessLocator(store: Store, number: number): Promise<string> {
  const input = { id: contentIdOf(Uint8Array.of(number, 1, 2, 3, 4)), size: 5 };
  return await publish(store, { kind: "assay-build", version: 1, environment, input });
}

/** What running a toy build comes to. */
export async function finishedToyBuild(trace: ToyTrace): Promise<FinishedBuild> {
  const log2Ticks = Math.ceil(Math.log2(trace.ticks));
  const [buildId, finalRoot] = await trace.tickRoots([0, 2 ** log2Ticks]);
  const input = inputOf(trace.program.seed);
  return {
    buildId: buildId!,
    finalRoot: finalRoot!,
    trace,
    ticks: trace.ticks,
    log2Ticks,
    log2CheckpointTicks,
    checkpoints: await checkpointRoots(trace, log2Ticks, log2CheckpointTicks),
    startProof: trace.startProof(),
    endProof: trace.endProof(),
    outcome: trace.outcome(),
    measure: { reachSeconds: 0, interpretSeconds: 0.001, processorSeconds: 0.001, steps: 1000 },
    maxLog2Steps: 6,
    runSeconds: 1,
    environment,
    input: { id: contentIdOf(input), size: input.length },
    async discard() {},
  };
}

function inputOf(seed: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, seed);
  return bytes;
}
