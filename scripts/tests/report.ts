import type { StageName } from "./stages.ts";

/** What one test file did. */
export interface FileReport {
  /** Path from the project's root. */
  readonly file: string;
  readonly stage: StageName;
  /** From the import of its modules to the end of its last test. */
  readonly seconds: number;
  /** CPU time, with that of the processes that it started; 0 where its last hook has not been run. */
  readonly cpuSeconds: number;
  readonly passed: number;
  readonly failed: number;
  /** Full names. */
  readonly skipped: readonly string[];
}

/** What tests counted. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

export function sum(counts: readonly Counts[]): Counts {
  return counts.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    nothing,
  );
}

/** `N passed, N failed, N skipped`: what the last line of a run says. */
export function countsText({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

export function countsOf(files: readonly FileReport[]): Counts {
  return sum(files.map(({ passed, failed, skipped }) => ({ passed, failed, skipped: skipped.length })));
}

/** One line per stage that had files: its counts, how long its files took one after the other, and their CPU time. */
export function stageLines(files: readonly FileReport[], stages: readonly StageName[]): string[] {
  return stages.flatMap((stage) => {
    const own = files.filter((file) => file.stage === stage);
    if (own.length === 0) return [];
    const seconds = own.reduce((total, file) => total + file.seconds, 0);
    const cpu = own.reduce((total, file) => total + file.cpuSeconds, 0);
    const times = `${seconds.toFixed(0)} s (CPU ${cpu.toFixed(0)} s) in ${own.length} files`;
    return [`${stage.padEnd(8)} ${countsText(countsOf(own))}, ${times}`];
  });
}

/** The files that took most CPU time: how much of it, how long they took, their stage and name. */
export function timesLines(files: readonly FileReport[], count: number): string[] {
  const padded = (seconds: number) => `${seconds.toFixed(1).padStart(7)} s`;
  return files
    .toSorted((a, b) => b.cpuSeconds - a.cpuSeconds)
    .slice(0, count)
    .map(({ file, stage, seconds, cpuSeconds }) =>
      [padded(cpuSeconds), padded(seconds), ` ${stage.padEnd(6)}`, file].join(" "),
    );
}

/** What Hardhat's runner counted. A run that breaks, or finds no tests, is one failure. */
export function solidityCounts(output: string, status: number): Counts {
  const count = (word: string) => Number(output.match(new RegExp(`^\\s*(\\d+) ${word}`, "m"))?.[1] ?? 0);
  const [passed, failed] = [count("passing"), count("failing")];
  return { passed, failed: failed === 0 && (status !== 0 || passed === 0) ? 1 : failed, skipped: count("skipped") };
}
