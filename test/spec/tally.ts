/** What became of the assertions of a script. */
export class Tally {
  passed = 0;
  readonly failures: string[] = [];
  readonly rejected = new Map<string, number>();

  pass(): void {
    this.passed++;
  }

  fail(line: number, fact: string): void {
    this.failures.push(`line ${line}: ${fact}`);
  }

  reject(reason: string): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }

  get rejectedTotal(): number {
    return [...this.rejected.values()].reduce((sum, count) => sum + count, 0);
  }

  add(other: Tally): void {
    this.passed += other.passed;
    this.failures.push(...other.failures);
    for (const [reason, count] of other.rejected) this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + count);
  }
}

/** One line for each script, then the reasons, then all together. */
export function table(tallies: ReadonlyMap<string, Tally>): string {
  const total = new Tally();
  for (const tally of tallies.values()) total.add(tally);
  const width = Math.max(5, ...[...tallies.keys()].map((name) => name.length));
  const row = (name: string, passed: unknown, failed: unknown, rejected: unknown, reasons: string) =>
    `${name.padEnd(width)} ${String(passed).padStart(7)} ${String(failed).padStart(7)} ${String(rejected).padStart(9)}  ${reasons}`.trimEnd();
  const line = (name: string, tally: Tally) =>
    row(name, tally.passed, tally.failures.length, tally.rejectedTotal, reasonsOf(tally));
  const lines = [row("file", "passed", "failed", "rejected", "reasons")];
  for (const [name, tally] of tallies) lines.push(line(name, tally));
  lines.push(row("all", total.passed, total.failures.length, total.rejectedTotal, ""));
  for (const [reason, count] of sorted(total.rejected)) lines.push(`${String(count).padStart(9)} rejected: ${reason}`);
  return lines.join("\n");
}

function reasonsOf({ rejected }: Tally): string {
  return sorted(rejected)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(", ");
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
