import { execFileSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { gunzipSync } from "node:zlib";
import { readProgram } from "../src/programs/node/readProgram.ts";
import { releaseTarball } from "../src/programs/releaseTarball/manifest.ts";
import { decodeDrive, encodeDrive } from "../src/source/drive.ts";
import { readSource } from "../src/source/node/readSource.ts";
import { runNatively } from "../test/support/runNatively.ts";
import { type Figure, median } from "./figure.ts";

/** So that gzip runs for about a second: the window of 32 KiB does not see from one copy to the next. */
const copies = 16;
const rounds = 5;

/**
 * The release tarball of this repository beside `gzip -6` on the same tar: size, and time of the plain native run against
 * the gzip of this machine, interleaved.
 */
export async function run(): Promise<Figure[]> {
  const binary = await readProgram(releaseTarball);
  const { drive } = await readSource(new URL("..", import.meta.url).pathname);
  const { artifact } = runNatively(releaseTarball, binary, drive);
  const tar = gunzipSync(artifact);
  const gzip = gzip6(tar);
  const sizeRatio = artifact.length / gzip.length;
  console.log(`this repository: tar ${tar.length}, gzip -6 ${gzip.length}, ours ${artifact.length} bytes`);

  const { entries, ...tree } = decodeDrive(drive);
  const repeated = Array.from({ length: copies }, (_, i) =>
    entries.map((entry) => ({ ...entry, path: `${i}/${entry.path}` })),
  );
  const large = encodeDrive({ ...tree, entries: repeated.flat() });
  const largeTar = gunzipSync(runNatively(releaseTarball, binary, large).artifact);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(secondsOf(() => runNatively(releaseTarball, binary, large)));
    theirs.push(secondsOf(() => gzip6(largeTar)));
  }
  const timeRatio = median(ours) / median(theirs);
  const rate = largeTar.length / median(ours) / 1e6;
  console.log(
    `${copies} copies: ${rate.toFixed(1)} MB/s natively, checksums and sha256 included: ${timeRatio.toFixed(2)} x the time of gzip -6`,
  );
  return [
    { name: "tarball.sizeRatio", value: sizeRatio, unit: "x", target: 1.2, better: "lower" },
    { name: "tarball.timeRatio", value: timeRatio, unit: "x", target: 2, better: "lower" },
  ];
}

function gzip6(bytes: Uint8Array): Uint8Array {
  return execFileSync("gzip", ["-6", "-n"], { input: bytes, maxBuffer: 2 ** 30 });
}

function secondsOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
