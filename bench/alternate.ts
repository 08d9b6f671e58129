/**
 * Committed and plain execution of the same ticks, in turn for about a second each: what disturbs the machine disturbs
 * both. The committed side is a session in this thread, which does everything that a worker's session does.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckpointPace } from "../src/machine/native/checkpoints.ts";
import type { NativeProgram } from "../src/machine/native/nativeProgram.ts";
import { SnapshotDirectory } from "../src/machine/native/node/snapshotDirectory.ts";
import { type CompletedRun, MachineSession } from "../src/machine/native/session.ts";
import type { DriveImage } from "../src/machine/program.ts";
import { loadKeccakKernel } from "../src/merkle/node/keccakKernelNode.ts";
import { median } from "./figure.ts";

export interface AlternateOptions {
  readonly program: NativeProgram;
  readonly drives: readonly DriveImage[];
  /** Runs one tick of the same work without a session. */
  readonly plainTick: () => void;
  /** About what a tick takes in plain execution. */
  readonly secondsPerTick: number;
  /** Distance of checkpoints; by default what a run of adaptive distance chooses for 2 s. */
  readonly log2CheckpointTicks?: number;
}

export interface Alternated {
  readonly run: CompletedRun;
  /** Committed over plain, median over blocks of slices that hold whole intervals between checkpoints. */
  readonly ratio: number;
  readonly log2CheckpointTicks: number;
  readonly plainSeconds: number;
  readonly committedSeconds: number;
  /** Pages of 4 KiB hashed in the whole run, start state not included. */
  readonly dirtyPages: number;
}

const log2Arity = 4;
const checkpointSeconds = 2;
const sliceSeconds = 1;
const blockSeconds = 8;
const mebibyte = 2 ** 20;

/** Seconds by the clock, and of this process on the processors. */
interface Time {
  readonly clock: number;
  readonly processor: number;
}

/** Runs the whole work on both sides. */
export async function alternate(options: AlternateOptions): Promise<Alternated> {
  const { program, drives, plainTick, secondsPerTick } = options;
  const log2CheckpointTicks = options.log2CheckpointTicks ?? usualDistance(secondsPerTick);
  const sliceTicks = 2 ** Math.max(0, Math.round(Math.log2(sliceSeconds / secondsPerTick)));
  const interval = Math.max(sliceTicks, 2 ** log2CheckpointTicks);
  const blockTicks = interval * Math.max(1, Math.round(blockSeconds / secondsPerTick / interval));
  const { kernel, hashedPages } = countingKernel(await loadKeccakKernel());
  const directory = await mkdtemp(join(tmpdir(), "bench-alternate-"));

  const slices: { readonly committed: Time; readonly plain: Time }[] = [];
  let ticks = 0;
  let sinceSlice = stopwatch();
  const beat = () => {
    if (++ticks % sliceTicks !== 0) return;
    const committed = sinceSlice();
    const elapsed = stopwatch();
    for (let i = 0; i < sliceTicks; i++) plainTick();
    slices.push({ committed, plain: elapsed() });
    sinceSlice = stopwatch();
  };
  try {
    const session = new MachineSession({
      ...{ program, drives, kernel, beat },
      storage: new SnapshotDirectory(directory),
      chainBytes: 4096 * mebibyte,
      sideBytes: 64 * mebibyte,
      report: (complaint) => console.error(complaint),
    });
    const startPages = hashedPages();
    sinceSlice = stopwatch();
    // The session's clock runs during plain slices too.
    const run = session.run({ log2Arity, checkpointSeconds: 2 * checkpointSeconds, log2CheckpointTicks });
    const perBlock = blockTicks / sliceTicks;
    const blocks = Array.from({ length: Math.floor(slices.length / perBlock) }, (_, i) =>
      slices.slice(i * perBlock, (i + 1) * perBlock),
    );
    return {
      run,
      ratio: median((blocks.length === 0 ? [slices] : blocks).map(ratioOf)),
      log2CheckpointTicks,
      plainSeconds: sum(slices.map(({ plain }) => plain.clock)),
      committedSeconds: sum(slices.map(({ committed }) => committed.clock)),
      dirtyPages: hashedPages() - startPages,
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The distance that an adaptive run settles on. */
function usualDistance(secondsPerTick: number): number {
  const pace = new CheckpointPace({ log2Arity, seconds: checkpointSeconds });
  pace.passed(Math.ceil(1 / secondsPerTick), 1);
  return pace.log2Ticks;
}

/** The kernel, with a count of the pages that go through it. */
function countingKernel(kernel: Awaited<ReturnType<typeof loadKeccakKernel>>) {
  let count = 0;
  const counting: typeof kernel = Object.create(kernel);
  counting.hashPagesAt = (source, pages, nodes) => {
    count += pages.length;
    kernel.hashPagesAt(source, pages, nodes);
  };
  return { kernel: counting, hashedPages: () => count };
}

function stopwatch(): () => Time {
  const clock = performance.now();
  const { user, system } = process.cpuUsage();
  return () => {
    const used = process.cpuUsage();
    return {
      clock: (performance.now() - clock) / 1000,
      processor: (used.user - user + used.system - system) / 1e6,
    };
  };
}

/** By the clock; on a machine that was busy with something else, by the processors' time. */
function ratioOf(slices: readonly { readonly committed: Time; readonly plain: Time }[]): number {
  const total = (side: "committed" | "plain", by: keyof Time) => sum(slices.map((slice) => slice[side][by]));
  const undisturbed = (["committed", "plain"] as const).every(
    (side) => total(side, "processor") >= 0.93 * total(side, "clock"),
  );
  const by = undisturbed ? "clock" : "processor";
  const ratio = total("committed", by) / total("plain", by);
  console.error(`  ${slices.length} slices: ${ratio.toFixed(3)}${undisturbed ? "" : " (busy: processor time)"}`);
  return ratio;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
