/** A verifier's computing part on a machine of 256 MiB, in a process of its own: prints what it took, as JSON. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerSession } from "../src/machine/native/node/workerSession.ts";
import type { Trace } from "../src/protocol/trace.ts";
import { churnDrive, loadChurn } from "../test/programs/churn/churn.ts";
import { median } from "./figure.ts";

const mebibyte = 2 ** 20;
/** As large as the input of a build: all of it is hashed before the start, and nothing writes to it. */
const input = { address: 2 ** 27, log2Size: 26 };

/** Nobody else keeps it, as nobody keeps the input that a daemon has fetched. */
function contentOf(): Uint8Array {
  const words = new Uint32Array(new SharedArrayBuffer(2 ** input.log2Size));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e3779b1);
  return new Uint8Array(words.buffer);
}

const directory = await mkdtemp(join(tmpdir(), "bench-verifier-"));
const program = await loadChurn();
const drives = [churnDrive({ ticks: 400, rounds: 500_000, log2Bytes: 24 }), { ...input, bytes: contentOf() }];
const started = performance.now();
const session = await WorkerSession.start({
  program,
  drives: drives.splice(0),
  snapshotDirectory: directory,
  fixedRegions: [{ address: input.address, size: 2 ** input.log2Size }],
});
await session.startRoot();
const startRootSeconds = (performance.now() - started) / 1000;
/** A session is a trace. */
const trace: Trace = session;

async function seconds(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return (performance.now() - started) / 1000;
}

const { ticks } = await session.run({ log2Arity: 4, checkpointSeconds: 0.5 });
const proofs: number[] = [];
const coldProofs: number[] = [];
for (const tick of [3, ticks >> 1, ticks - 2]) {
  // A dispute's course: rows over ticks, the opened tick, rows over its steps, one step.
  await trace.tickRoots(Array.from({ length: 15 }, (_, i) => Math.max(0, tick - 8 + i)));
  const { log2Steps } = await trace.openTick(tick);
  let from = 0;
  for (let log2 = log2Steps; log2 > 0; log2 -= Math.min(4, log2)) {
    const child = 2 ** Math.max(0, log2 - 4);
    const children = Array.from({ length: 2 ** Math.min(4, log2) - 1 }, (_, i) => from + (i + 1) * child);
    await trace.stepRoots(tick, children);
    from += 11 * child < 2 ** log2 ? 11 * child : 0;
  }
  proofs.push(await seconds(() => trace.stepWitness(tick, from)));
  coldProofs.push(await seconds(() => trace.stepWitness(tick - 2, 1_234_567)));
}
const peakMebibytes = (process.resourceUsage().maxRSS * 1024) / mebibyte;
await session.close();
await rm(directory, { recursive: true });
const figures = { peakMebibytes, startRootSeconds, proofSeconds: median(proofs), coldProofSeconds: median(coldProofs) };
console.log(JSON.stringify(figures));
