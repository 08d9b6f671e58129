import { readFileSync } from "node:fs";
import type { FileReport } from "./report.ts";

/** Seconds that test files took, so that a run starts with the longest. `npm test -- --record` writes it. */
export const durationsFile = new URL("../../test/durations.json", import.meta.url);

/** Files that take less are not recorded. */
const leastSeconds = 3;

export type Durations = Readonly<Record<string, number>>;

export function readDurations(): Durations {
  return JSON.parse(readFileSync(durationsFile, "utf8")) as Durations;
}

/** The text of the file of durations after a run, longest first; files that were not run keep what they had. */
export function recorded(before: Durations, files: readonly FileReport[]): string {
  const all = { ...before, ...Object.fromEntries(files.map(({ file, seconds }) => [file, Math.round(seconds)])) };
  const entries = Object.entries(all).filter(([, seconds]) => seconds >= leastSeconds);
  entries.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}
