/** What a build in a guest will take, before it runs: by what it has taken before, else by what others take in its environment. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import { packageFiles } from "../../core/node/packageFiles.ts";
import type { RunnableEnvironment } from "../../environment/runnable.ts";
import { writeFileAtomically } from "../../store/node/atomicFile.ts";
import type { BuildRequest } from "./identifyBuild.ts";

/** What a run took. */
export interface RunCost {
  readonly ticks: number;
  readonly seconds: number;
}

/** A project that was built in an environment of this name, as `environments/measured.json` has it. */
export interface MeasuredProject {
  readonly name: string;
  readonly environment: string;
  /** Of the guest. */
  readonly instructions: number;
}

export interface Forecast {
  /** The same command on the same source's earlier state, here. */
  readonly earlier: RunCost | undefined;
  /** The last run in this environment here, whatever it built: how fast this host is. */
  readonly latest: RunCost | undefined;
  /** Real projects in environments of this name, the cheapest first. */
  readonly measured: readonly MeasuredProject[];
}

/** Runs of one environment that are remembered. */
const mostRuns = 64;

const cost = z.object({ ticks: z.int().positive(), seconds: z.number().positive() });
const keptRuns = z.object({ version: z.literal(1), runs: z.array(cost.extend({ key: z.string() })).max(mostRuns) });
const measuredProjects = z.array(z.object({ name: z.string(), environment: z.string(), instructions: z.number() }));

/** @param folder where runs are remembered: the cache's by default. */
export async function forecastOf(
  request: BuildRequest,
  { id, name }: Pick<RunnableEnvironment, "id" | "name">,
  folder: string = cacheFolder(),
): Promise<Forecast> {
  const runs = await readRuns(folder, id);
  const measured = (await readMeasured()).filter(({ environment }) => environment === name);
  measured.sort((a, b) => a.instructions - b.instructions);
  return { earlier: runs.find(({ key }) => key === keyOf(request)), latest: runs[0], measured };
}

/** Remembers what a run took. What cannot be written is forgotten: it is a hint for people. */
export async function rememberRun(
  request: BuildRequest,
  { id }: Pick<RunnableEnvironment, "id">,
  { ticks, seconds }: RunCost,
  folder: string = cacheFolder(),
): Promise<void> {
  if (ticks <= 0 || seconds <= 0) return;
  const key = keyOf(request);
  const others = (await readRuns(folder, id)).filter((run) => run.key !== key);
  const runs = [{ key, ticks, seconds }, ...others].slice(0, mostRuns);
  try {
    makeFolder(join(folder, "runs"));
    await writeFileAtomically(fileOf(folder, id), `${JSON.stringify({ version: 1, runs })}\n`);
  } catch {
    // A full or read-only cache is no reason to fail a build that has ended.
  }
}

/** In words, one line each; none where nothing is known. */
export function forecastInWords({ earlier, latest, measured }: Forecast, instructionsPerTick: number): string[] {
  if (earlier !== undefined)
    return [`last time it took ${earlier.ticks} ticks and ${timeInWords(earlier.seconds)} here`];
  const [least, most] = [measured[0], measured.at(-1)];
  if (least === undefined || most === undefined) return [];
  const middle = measured[measured.length >> 1]!;
  const time = ({ instructions }: MeasuredProject) =>
    latest === undefined
      ? ""
      : `, ${timeInWords((instructions / instructionsPerTick / latest.ticks) * latest.seconds)} here`;
  const words = (each: MeasuredProject) => `${giga(each.instructions)} G instructions (${each.name}${time(each)})`;
  return [
    `projects measured in ${least.environment} took ${words(least)} to ${words(most)}, half of them at most ${words(middle)}`,
  ];
}

/** The time that is left of a run by what it took before; undefined where that says nothing. */
export function secondsLeft(earlier: RunCost | undefined, done: RunCost): number | undefined {
  if (earlier === undefined || done.ticks === 0 || done.ticks >= earlier.ticks) return undefined;
  return ((earlier.ticks - done.ticks) / done.ticks) * done.seconds;
}

export function timeInWords(seconds: number): string {
  return seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

function giga(instructions: number): string {
  return (instructions / 1e9).toFixed(instructions < 1e10 ? 1 : 0);
}

/** Which builds are states of one: same source, whatever its revision, same command. */
function keyOf({ source, command, dependencies }: BuildRequest): string {
  const parts = [source, command?.command ?? "", command?.user ?? "", dependencies !== undefined];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function fileOf(folder: string, id: string): string {
  return join(folder, "runs", `${id}.json`);
}

async function readRuns(folder: string, id: string) {
  const text = await readFile(fileOf(folder, id), "utf8").catch(() => "");
  try {
    return keptRuns.parse(JSON.parse(text)).runs;
  } catch {
    return [];
  }
}

async function readMeasured(): Promise<MeasuredProject[]> {
  try {
    return measuredProjects.parse(JSON.parse(await readFile(new URL("measured.json", packageFiles.locks), "utf8")));
  } catch {
    return [];
  }
}
