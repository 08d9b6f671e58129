import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { lineOf } from "./branches.ts";
import type { Branch, FileCoverage } from "./report.ts";
import { type Countable, probedTypescript, typescriptCountable } from "./typescript.ts";

/** An instrumented file: its own text and what is counted in it, numbered from the two offsets. */
interface Instrumented {
  readonly file: string;
  readonly source: string;
  readonly countable: Countable;
  readonly firstCondition: number;
  readonly firstStatement: number;
}

/**
 * Rewrites game logic below a copy of the checkout.
 *
 * @param told where the tests' processes write what they reach (`ASSAY_COVERAGE_FILE`)
 * @returns what reads the counts once the tests have run there
 */
export async function instrumentGame(
  folder: string,
  files: readonly string[],
  told: string,
): Promise<() => Promise<FileCoverage[]>> {
  const instrumented: Instrumented[] = [];
  let [firstCondition, firstStatement] = [0, 0];
  for (const file of files) {
    const source = await readFile(join(folder, file), "utf8");
    const countable = typescriptCountable(source);
    if (countable.statements.length === 0) continue;
    const probe = relative(dirname(file), "scripts/coverage/probe.ts");
    await writeFile(join(folder, file), probedTypescript(source, countable, probe, firstCondition, firstStatement));
    instrumented.push({ file, source, countable, firstCondition, firstStatement });
    firstCondition += countable.conditions.length;
    firstStatement += countable.statements.length;
  }
  return async () => {
    const tags = new Set((await readFile(told, "utf8")).split("\n"));
    return instrumented.map(({ file, source, countable, firstCondition, firstStatement }) => {
      const lines = new Map<number, boolean>();
      for (const [i, { start }] of countable.statements.entries()) {
        const line = lineOf(source, start);
        lines.set(line, (lines.get(line) ?? true) && tags.has(`reach ${firstStatement + i}`));
      }
      const branches = countable.conditions.flatMap(({ start, end }, i) =>
        [true, false].map((outcome): Branch => {
          const taken = tags.has(`decide ${firstCondition + i} ${outcome}`);
          return { line: lineOf(source, start), condition: source.slice(start, end), outcome, taken };
        }),
      );
      return { file, lines, branches };
    });
  };
}
