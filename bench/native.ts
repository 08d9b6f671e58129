import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { NativeProgram } from "../src/machine/native/nativeProgram.ts";
import { WorkerSession } from "../src/machine/native/node/workerSession.ts";
import type { DriveImage } from "../src/machine/program.ts";
import { DirtyPages } from "../src/merkle/dirtyPages.ts";
import { loadKeccakKernel } from "../src/merkle/node/keccakKernelNode.ts";
import { PageTree } from "../src/merkle/pageTree.ts";
import { churnDrive, loadChurn } from "../test/programs/churn/churn.ts";
import { type Figure, median } from "./figure.ts";

const mebibyte = 2 ** 20;
/** Of the machine that is measured, and of what its program works on. */
const memoryBytes = 256 * mebibyte;
const log2WorkBytes = 24;
const rounds = 500_000;
const wantedSeconds = 21;
const repetitions = 3;

/** Figures of committed native runs, on a machine of 256 MiB of which the program keeps 16 MiB busy. */
export async function run(): Promise<Figure[]> {
  const hashing = await measureHashing();
  const program = await loadChurn();
  const ticks = ticksFor(program, wantedSeconds);
  const ratios: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const drive = churnDrive({ ticks, rounds, log2Bytes: log2WorkBytes });
    const plain = plainTime(program, drive);
    const committed = await committedTime(program, drive);
    ratios.push(ratioOf(committed, plain));
    console.log(`native: plain ${inWords(plain)}, committed ${inWords(committed)} (${ticks} ticks)`);
  }
  const { peakMebibytes, startRootSeconds, proofSeconds, coldProofSeconds } = await measureVerifier();
  console.log(`native: a proof from a tick not looked at before takes ${coldProofSeconds.toFixed(2)} s`);
  return [
    { name: "native.overhead", value: median(ratios), unit: "x", target: 1.1, better: "lower" },
    { name: "native.startRootSeconds", value: startRootSeconds, unit: "s", target: 1, better: "lower" },
    ...hashing,
    { name: "verifier.peakMemory", value: peakMebibytes, unit: "MiB", target: 1024, better: "lower" },
    { name: "proof.seconds", value: proofSeconds, unit: "s", target: 2, better: "lower" },
  ];
}

async function measureHashing(): Promise<Figure[]> {
  const kernel = await loadKeccakKernel();
  const memory = new Uint8Array(memoryBytes);
  const words = new Uint32Array(memory.buffer);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e3779b1);
  const finder = new DirtyPages(kernel, memory.length);
  const tree = new PageTree(kernel, 25, memory.length);
  finder.find(memory);
  const looks = Array.from({ length: 5 }, () => seconds(() => finder.find(memory)));
  console.log(`native: looking through 256 MiB takes ${(1000 * median(looks)).toFixed(0)} ms`);
  const pages = Uint32Array.from({ length: 8192 }, (_, i) => 8 * i);
  const updates = Array.from({ length: 5 }, () => seconds(() => tree.update(memory, pages)));
  const perSecond = pages.length / median(updates);
  const megabytes = (perSecond * 4096) / 1e6;
  return [
    { name: "native.hashMegabytesPerSecond", value: megabytes, unit: "MB/s", target: 200, better: "higher" },
    { name: "native.dirtyPagesPerSecond", value: perSecond, unit: "pages/s", target: 52_000, better: "higher" },
  ];
}

/** Seconds by the clock, and of this process on the processors. */
interface Time {
  readonly clock: number;
  readonly processor: number;
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
function ratioOf(committed: Time, plain: Time): number {
  const undisturbed = (time: Time) => time.processor >= 0.93 * time.clock;
  if (undisturbed(committed) && undisturbed(plain)) return committed.clock / plain.clock;
  console.log("native: the machine is busy: comparing processor time");
  return committed.processor / plain.processor;
}

function inWords({ clock, processor }: Time): string {
  return `${clock.toFixed(1)} s (${processor.toFixed(1)} s of processor)`;
}

/** A number of ticks that take about as long. */
function ticksFor(program: NativeProgram, wanted: number): number {
  const sample = 400;
  const drive = churnDrive({ ticks: sample, rounds, log2Bytes: log2WorkBytes });
  plainTime(program, drive);
  return Math.ceil((sample * wanted) / plainTime(program, drive).processor);
}

/** From the first tick to the last, in plain WebAssembly. */
function plainTime(program: NativeProgram, drive: DriveImage): Time {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program.program.binary as BufferSource));
  const { memory, tick } = exports as { memory: WebAssembly.Memory; tick: () => number };
  new Uint8Array(memory.buffer).set(drive.bytes, drive.address);
  const elapsed = stopwatch();
  while (tick() === 0);
  return elapsed();
}

/** From the first tick to the final root, with checkpoints, and snapshots on disk. */
async function committedTime(program: NativeProgram, drive: DriveImage): Promise<Time> {
  const directory = await mkdtemp(join(tmpdir(), "bench-native-"));
  const session = await WorkerSession.start({ program, drives: [drive], snapshotDirectory: directory });
  try {
    await session.startRoot();
    const elapsed = stopwatch();
    const run = await session.run({ log2Arity: 4, checkpointSeconds: 2 });
    const committed = elapsed();
    const { log2CheckpointTicks, hashSeconds } = run;
    console.log(`native: checkpoints every 2^${log2CheckpointTicks} ticks, ${hashSeconds.toFixed(2)} s of hashing`);
    return committed;
  } finally {
    await session.close();
    await rm(directory, { recursive: true });
  }
}

interface VerifierFigures {
  readonly peakMebibytes: number;
  readonly startRootSeconds: number;
  readonly proofSeconds: number;
  readonly coldProofSeconds: number;
}

/** In a process of its own, whose peak is its own. */
async function measureVerifier(): Promise<VerifierFigures> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const script = fileURLToPath(new URL("./verifierProcess.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", loader, script]);
  return JSON.parse(stdout) as VerifierFigures;
}

function seconds(act: () => unknown): number {
  const started = performance.now();
  act();
  return (performance.now() - started) / 1000;
}
