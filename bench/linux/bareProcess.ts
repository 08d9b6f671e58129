/** Runs a job in the bare emulator, in a process of its own with nothing compiled before; prints what it took, as JSON. */
import { BareGuest } from "./bareGuest.ts";
import type { JobName } from "./jobs.ts";

export interface BareRun {
  readonly seconds: number;
  readonly ticks: number;
  /** Guest instructions. */
  readonly retired: number;
  readonly exitCode: number;
  readonly artifactSha256: string;
}

const guest = new BareGuest(process.argv[2] as JobName);
const started = performance.now();
let ticks = 1;
while (guest.tick()) ticks++;
const seconds = (performance.now() - started) / 1000;
const { exitCode, artifactSha256 } = guest.result();
console.log(JSON.stringify({ seconds, ticks, retired: guest.retired, exitCode, artifactSha256 } satisfies BareRun));
