import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { toBeHex } from "ethers";
import { FakeExplorer } from "../../test/support/fakeExplorer.ts";
import { filledIndex } from "../../test/support/manyBuilds.ts";
import { type Figure, median } from "../figure.ts";

const builds = 100_000;
const rounds = 9;

/** Builds an index of many builds from kept logs, then asks the server that answers from it. */
export async function index(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  try {
    const file = join(folder, "index.sqlite");
    const begun = performance.now();
    const { events, seconds, claims } = await filledIndex(file, builds);
    const kept = performance.now() - begun - 1000 * seconds;
    const megabytes = (statSync(file).size / 2 ** 20).toFixed(0);
    const memory = (process.memoryUsage.rss() / 2 ** 20).toFixed(0);
    console.log(
      `${events} events of ${builds} builds indexed in ${seconds.toFixed(1)} s (their logs made and kept in ${(kept / 1000).toFixed(1)} s); ` +
        `${megabytes} MiB on disk, ${memory} MiB of memory`,
    );
    const slowest = await askedOf(file, claims);
    return [
      { name: "explorer.eventsPerSecond", value: events / seconds, unit: "events/s", target: 2000, better: "higher" },
      { name: "explorer.serverMilliseconds", value: slowest, unit: "ms", target: 50, better: "lower" },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the median time of the slowest question, in milliseconds. */
async function askedOf(file: string, claims: readonly string[]): Promise<number> {
  const explorer = await FakeExplorer.over(file);
  try {
    const pick = (round: number) => claims[(round * 7919) % claims.length]!;
    const questions: readonly (readonly [string, (round: number) => string])[] = [
      ["first page", () => "builds?limit=100"],
      ["builds of a state", () => "builds?limit=100&state=refuted"],
      ["builds of an operator", (round) => `builds?limit=100&operator=${toBeHex(1000 + round, 20)}`],
      ["builds of a repository", (round) => `builds?limit=100&repository=https://git.example/project${round}`],
      ["search for a hash", (round) => `search?q=${pick(round)}`],
      ["search for its beginning", (round) => `search?q=${pick(round).slice(0, 8)}`],
      ["search for words", (round) => `search?q=${encodeURIComponent(`git.example project${round}`)}`],
      ["search for a word of all", () => "search?q=example"],
      ["search for a beginning of all", () => "search?q=pro"],
      ["operators", () => "operators"],
      ["watch", () => "watch"],
    ];
    let slowest = 0;
    for (const [what, question] of questions) {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const begun = performance.now();
        const response = await explorer.get(`api/v1/${question(round)}`, { cache: "no-store" });
        await response.text();
        times.push(performance.now() - begun);
        if (!response.ok) console.log(`${question(round)}: ${response.status}`);
      }
      console.log(`${what}: ${median(times).toFixed(1)} ms, at most ${Math.max(...times).toFixed(1)} ms`);
      slowest = Math.max(slowest, median(times));
    }
    return slowest;
  } finally {
    await explorer.close();
  }
}
