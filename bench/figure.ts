/** One measured figure, as it stands in `bench/results.json`. Names are fixed: other projects and our README quote them. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `x` for a ratio of two things measured side by side in one run. */
  readonly unit: string;
  readonly target: number;
  readonly better: "lower" | "higher";
  /** What others reach in the same unit, where it is known. */
  readonly baseline?: number;
}

/** A benchmark: prints what it does as it goes, returns its figures. Of a group with parts, only of those asked for. */
export type Benchmark = (parts: ReadonlySet<string>) => Promise<Figure[]>;

/** True when the figure is at least as good as its target. */
export function meetsTarget({ value, target, better }: Figure): boolean {
  return better === "lower" ? value <= target : value >= target;
}

/** The middle value; of an even number of values the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
