import type { Measurements, Project } from "./projects.ts";

const begin = "<!-- projects: npm run test:environments -- --update -->";
const end = "<!-- /projects -->";

/** What real projects take, as a Markdown table. */
export function tableOf(projects: readonly Project[], measured: Measurements): string {
  const rows = projects.flatMap(({ name, environment, path }) => {
    const result = measured[name];
    if (result === undefined) return [];
    const { exitCode, tests, instructions, printsTheSame } = result;
    const version = /_([^_]+?)\.orig/.exec(path)?.[1] ?? "";
    const said = tests === undefined ? "" : `${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped`;
    const same = printsTheSame === undefined ? "" : printsTheSame ? "the same" : "something else";
    const giga = (instructions / 1e9).toFixed(1);
    return [
      `| ${name} ${version} | \`${environment}\` | ${exitCode === 0 ? "as wanted" : `exit ${exitCode}`} | ${said} | ${same} | ${giga} |`,
    ];
  });
  return [
    "| project | environment | build and tests | counted | prints | G instructions |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** The page with this table between its marks. */
export function withTable(text: string, table: string): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error("the page has no place for the table");
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}
