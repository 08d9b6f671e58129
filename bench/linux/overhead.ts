/** What it costs that a run can be claimed: checkpoints hashed, snapshots kept on disk. */
import type { Alternated } from "../alternate.ts";
import type { Figure } from "../figure.ts";
import { inOwnProcess } from "../ownProcess.ts";

/** What a tenth of the time is enough for, at the 52,000 pages a second of `native.dirtyPagesPerSecond`. */
const mostPagesPerSecond = 5_200;

export async function measureOverhead(): Promise<Figure[]> {
  const both = await inOwnProcess<Alternated>(new URL("./overheadProcess.ts", import.meta.url));
  const { run, ratio, plainSeconds, committedSeconds, log2CheckpointTicks, dirtyPages } = both;
  console.log(
    `linux: gcc: bare ${plainSeconds.toFixed(1)} s, claim-ready ${committedSeconds.toFixed(1)} s, ratio of blocks ` +
      `${ratio.toFixed(3)}; ${run.ticks} ticks, checkpoints every 2^${log2CheckpointTicks}, ${dirtyPages} pages hashed`,
  );
  return [
    { name: "linux.overhead", value: ratio, unit: "x", target: 1.1, better: "lower" },
    {
      name: "linux.dirtyPagesPerSecond",
      value: dirtyPages / committedSeconds,
      unit: "pages/s",
      target: mostPagesPerSecond,
      better: "lower",
    },
  ];
}
