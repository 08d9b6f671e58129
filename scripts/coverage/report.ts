/** What was counted in one source file. */
export interface FileCoverage {
  readonly file: string;
  /** Line numbers, from 1, of what can be executed, with whether all of it was. */
  readonly lines: ReadonlyMap<number, boolean>;
  readonly branches: readonly Branch[];
}

export interface Branch {
  readonly line: number;
  readonly condition: string;
  readonly outcome: boolean;
  readonly taken: boolean;
}

/** A table of files with lines and branches, then every line and every branch that was not executed. */
export function describe(files: readonly FileCoverage[]): string {
  const text: string[] = ["| file | lines | branches |", "| --- | --- | --- |"];
  for (const { file, lines, branches } of files) text.push(row(file, [...lines.values()], branches));
  const lines = files.flatMap((file) => [...file.lines.values()]);
  text.push(
    row(
      "**all**",
      lines,
      files.flatMap(({ branches }) => branches),
    ),
    "",
  );
  for (const { file, lines, branches } of files) {
    for (const [line, reached] of lines) if (!reached) text.push(`${file}:${line} not executed`);
    for (const { line, condition, outcome, taken } of branches) {
      if (!taken) text.push(`${file}:${line} never ${outcome}: ${condition}`);
    }
  }
  return text.join("\n");
}

function row(name: string, lines: readonly boolean[], branches: readonly Branch[]): string {
  const reached = lines.filter((reached) => reached).length;
  const taken = branches.filter((branch) => branch.taken).length;
  return `| ${name} | ${reached} of ${lines.length} | ${taken} of ${branches.length} |`;
}
