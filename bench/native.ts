import type { NativeProgram } from "../src/machine/native/nativeProgram.ts";
import type { DriveImage } from "../src/machine/program.ts";
import { DirtyPages } from "../src/merkle/dirtyPages.ts";
import { loadKeccakKernel } from "../src/merkle/node/keccakKernelNode.ts";
import { PageTree } from "../src/merkle/pageTree.ts";
import { churnDrive, loadChurn } from "../test/programs/churn/churn.ts";
import { alternate } from "./alternate.ts";
import { type Figure, median } from "./figure.ts";
import { inOwnProcess } from "./ownProcess.ts";

const mebibyte = 2 ** 20;
/** Of the machine that is measured, and of what its program works on. */
const memoryBytes = 256 * mebibyte;
const log2WorkBytes = 24;
const rounds = 500_000;
/** Of plain execution. */
const wantedSeconds = 60;

/** Figures of committed native runs, on a machine of 256 MiB of which the program keeps 16 MiB busy. */
export async function run(): Promise<Figure[]> {
  const hashing = await measureHashing();
  const overhead = await measureOverhead();
  const { peakMebibytes, startRootSeconds, proofSeconds, coldProofSeconds } = await measureVerifier();
  console.log(`native: a proof from a tick not looked at before takes ${coldProofSeconds.toFixed(2)} s`);
  return [
    { name: "native.overhead", value: overhead, unit: "x", target: 1.1, better: "lower" },
    { name: "native.startRootSeconds", value: startRootSeconds, unit: "s", target: 0.5, better: "lower" },
    ...hashing,
    { name: "verifier.peakMemory", value: peakMebibytes, unit: "MiB", target: 640, better: "lower" },
    { name: "proof.seconds", value: proofSeconds, unit: "s", target: 2, better: "lower" },
  ];
}

async function measureHashing(): Promise<Figure[]> {
  const kernel = await loadKeccakKernel();
  const linear = new WebAssembly.Memory({ initial: memoryBytes / 65536 });
  const memory = new Uint8Array(linear.buffer);
  const words = new Uint32Array(memory.buffer);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e3779b1);
  const finder = new DirtyPages(kernel, linear);
  const tree = new PageTree(kernel, 25, memory.length);
  finder.find();
  const looks = Array.from({ length: 5 }, () => seconds(() => finder.find()));
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

/** Committed over plain execution. */
async function measureOverhead(): Promise<number> {
  const program = await loadChurn();
  const sample = 100;
  const warmed = plainRun(program, churnDrive({ ticks: 2 * sample, rounds, log2Bytes: log2WorkBytes }));
  for (let tick = 0; tick < sample; tick++) warmed();
  const secondsPerTick = seconds(() => Array.from({ length: sample }, warmed)) / sample;
  const drive = churnDrive({ ticks: Math.ceil(wantedSeconds / secondsPerTick), rounds, log2Bytes: log2WorkBytes });
  const plainTick = plainRun(program, drive);
  const both = await alternate({ program, drives: [drive], plainTick, secondsPerTick });
  const { ratio, plainSeconds, committedSeconds, log2CheckpointTicks, dirtyPages } = both;
  console.log(
    `native: plain ${plainSeconds.toFixed(1)} s, committed ${committedSeconds.toFixed(1)} s, ratio of blocks ` +
      `${ratio.toFixed(3)}; checkpoints every 2^${log2CheckpointTicks} ticks, ${dirtyPages} pages hashed`,
  );
  return ratio;
}

/** The ticks of the same work in plain WebAssembly, one at each call. */
function plainRun(program: NativeProgram, drive: DriveImage): () => void {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program.program.binary as BufferSource));
  const { memory, tick } = exports as { memory: WebAssembly.Memory; tick: () => number };
  new Uint8Array(memory.buffer).set(drive.bytes, drive.address);
  return tick;
}

interface VerifierFigures {
  readonly peakMebibytes: number;
  readonly startRootSeconds: number;
  readonly proofSeconds: number;
  readonly coldProofSeconds: number;
}

/** In a process of its own, whose peak is its own. */
async function measureVerifier(): Promise<VerifierFigures> {
  return await inOwnProcess<VerifierFigures>(new URL("./verifierProcess.ts", import.meta.url));
}

function seconds(act: () => unknown): number {
  const started = performance.now();
  act();
  return (performance.now() - started) / 1000;
}
