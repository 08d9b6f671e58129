import type { Benchmark, Figure } from "./figure.ts";
import { inOwnProcess } from "./ownProcess.ts";

export const parts = ["hashing"] as const;

/** Figures of environments and of what goes into them. */
export const run: Benchmark = async (wanted) => {
  const figures: Figure[] = [];
  if (wanted.has("hashing")) figures.push(await measureHashing());
  return figures;
};

interface HashedDrive {
  readonly seconds: number;
  readonly bytes: number;
  readonly peakMebibytes: number;
}

/** A drive of 1 GiB, as a client hashes dependencies: in a process of its own, from a stream. */
async function measureHashing(): Promise<Figure> {
  const { seconds, bytes, peakMebibytes } = await inOwnProcess<HashedDrive>(
    new URL("./hashDriveProcess.ts", import.meta.url),
  );
  console.log(
    `environments: a drive of 1 GiB is hashed in ${seconds.toFixed(2)} s, in ${peakMebibytes.toFixed(0)} MiB`,
  );
  const megabytes = bytes / 1e6 / seconds;
  return { name: "env.hashMegabytesPerSecond", value: megabytes, unit: "MB/s", target: 200, better: "higher" };
}
