/** How fast guests run, beside QEMU: each job in turn in both, in processes of their own. */
import { createHash } from "node:crypto";
import { type Figure, median } from "../figure.ts";
import { inOwnProcess } from "../ownProcess.ts";
import { instructionsToInit } from "./bareGuest.ts";
import type { BareRun } from "./bareProcess.ts";
import { type JobName, jobNames } from "./jobs.ts";
import { qemuIsMissing, runInQemu } from "./qemu.ts";

/** Runs of each job; more where a run is short. */
const repetitions: Readonly<Record<JobName, number>> = { boot: 5, tcc: 3, esbuild: 5, gcc: 3 };
/** What Cartesi's machine reaches on boot + esbuild. */
const parity = 133;
const bareProcess = new URL("./bareProcess.ts", import.meta.url);

interface Times {
  readonly retired: number;
  readonly own: number;
  /** Undefined where there is no QEMU. */
  readonly qemu: number | undefined;
}

/** @param jobs those whose environment is there. */
export async function measureMips(jobs: readonly JobName[]): Promise<Figure[]> {
  const missing = await qemuIsMissing();
  if (missing !== undefined) console.log(`linux: no comparison with QEMU: ${missing}`);
  const times = new Map<JobName, Times>();
  for (const job of jobNames) if (jobs.includes(job)) times.set(job, await timesOf(job, missing === undefined));

  const figures: Figure[] = [...times].map(([job, { retired, own, qemu }]) => ({
    name: `linux.mips.${job}`,
    value: retired / own / 1e6,
    unit: "MIPS",
    target: parity,
    better: "higher",
    ...(qemu === undefined ? {} : { baseline: retired / qemu / 1e6 }),
  }));
  const [boot, esbuild, gcc] = (["boot", "esbuild", "gcc"] as const).map((job) => times.get(job));
  const ratio = (of: readonly (Times | undefined)[]) => {
    if (of.some((time) => time?.qemu === undefined)) return undefined;
    return of.reduce((sum, time) => sum + time!.own, 0) / of.reduce((sum, time) => sum + time!.qemu!, 0);
  };
  const [short, long] = [ratio([boot, esbuild]), ratio([gcc])];
  if (short !== undefined) {
    figures.push({ name: "linux.vsQemu", value: short, unit: "x", target: 1.3, better: "lower" });
  }
  if (long !== undefined) {
    figures.push({ name: "linux.vsQemu.gcc", value: long, unit: "x", target: 5, better: "lower" });
  }
  if (boot !== undefined) figures.push(instructions("linux.bootInstructions", instructionsToInit(), 25));
  if (esbuild !== undefined) figures.push(instructions("linux.esbuildInstructions", esbuild.retired, 130));
  return figures;
}

async function timesOf(job: JobName, withQemu: boolean): Promise<Times> {
  const [own, qemu, counting]: [number[], number[], number[]] = [[], [], []];
  let retired = 0;
  for (let repetition = 0; repetition < repetitions[job]; repetition++) {
    const run = await inOwnProcess<BareRun>(bareProcess, job);
    if (run.exitCode !== 0) throw new Error(`the job ${job} ended with code ${run.exitCode}`);
    retired = run.retired;
    own.push(run.seconds);
    if (!withQemu) continue;
    qemu.push(await qemuSeconds(job, run, false));
    if (job !== "gcc") counting.push(await qemuSeconds(job, run, true));
  }
  const mips = (seconds: readonly number[]) => (retired / median(seconds) / 1e6).toFixed(0);
  const words = [`${(retired / 1e6).toFixed(1)} M instructions`, `${median(own).toFixed(2)} s, ${mips(own)} MIPS`];
  if (withQemu) words.push(`QEMU ${median(qemu).toFixed(2)} s, ${mips(qemu)} MIPS`);
  if (counting.length > 0) words.push(`with -icount ${median(counting).toFixed(2)} s, ${mips(counting)} MIPS`);
  console.log(`linux: ${job}: ${words.join("; ")}`);
  return { retired, own: median(own), qemu: withQemu ? median(qemu) : undefined };
}

/** Checks that QEMU's guest did the same. */
async function qemuSeconds(job: JobName, { artifactSha256 }: BareRun, countInstructions: boolean): Promise<number> {
  const { seconds, artifact } = await runInQemu(job, countInstructions);
  const sha256 = `0x${createHash("sha256").update(artifact).digest("hex")}`;
  if (sha256 !== artifactSha256) throw new Error(`${job}: QEMU's guest made another artifact`);
  return seconds;
}

function instructions(name: string, count: number, target: number): Figure {
  return { name, value: count / 1e6, unit: "M instructions", target, better: "lower" };
}
