import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { type Benchmark, type Figure, meetsTarget } from "./figure.ts";
import { tables, withFiguresTable } from "./figuresTable.ts";

/**
 * Each group is one file beside this one; its name is what `npm run bench -- <group>` takes. A group may have parts, which
 * can be asked for as `<group>.<part>`.
 */
const groups: Readonly<Record<string, () => Promise<{ run: Benchmark; parts?: readonly string[] }>>> = {
  cli: () => import("./cli.ts"),
  native: () => import("./native.ts"),
  stepper: () => import("./stepper.ts"),
  tarball: () => import("./tarball.ts"),
  stepGas: () => import("./stepGas.ts"),
  dispute: () => import("./disputeGas.ts"),
  daemons: () => import("./daemons.ts"),
  linux: () => import("./linux.ts"),
  follow: () => import("./follow.ts"),
  explorer: () => import("./explorer.ts"),
  environments: () => import("./environments.ts"),
};

interface Results {
  machine: string;
  node: string;
  commit: string;
  figures: Figure[];
}

const resultsFile = new URL("./results.json", import.meta.url);
const names = process.argv.slice(2).filter((name) => name !== "--");
if (names.includes("--help")) {
  console.log(`npm run bench [-- <group>[.<part>] ...]\ngroups: ${Object.keys(groups).join(", ")}`);
  process.exit(0);
}
/** Groups asked for, each with the parts asked for; no parts: all of it. */
const wanted = new Map<string, string[]>();
for (const name of names.length > 0 ? names : Object.keys(groups)) {
  const [group, part] = name.split(".") as [string, string | undefined];
  const parts = groups[group] === undefined ? undefined : ((await groups[group]()).parts ?? []);
  if (parts === undefined || (part !== undefined && !parts.includes(part))) {
    const there = parts === undefined ? Object.keys(groups) : parts.map((one) => `${group}.${one}`);
    console.error(`there is no ${name}; there is: ${there.join(", ")}`);
    process.exit(2);
  }
  wanted.set(group, [...(wanted.get(group) ?? []), ...(part === undefined ? parts : [part])]);
}

const figures: Figure[] = [];
for (const [group, parts] of wanted) {
  console.log(`\n== ${group}`);
  const { run } = await groups[group]!();
  figures.push(...(await run(new Set(parts))));
}

const previous: Figure[] = existsSync(resultsFile)
  ? (JSON.parse(await readFile(resultsFile, "utf8")) as Results).figures
  : [];
const fresh = new Map(figures.map((figure) => [figure.name, figure]));
const kept = previous.filter(({ name }) => !fresh.has(name));
const results: Results = {
  machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  node: process.version,
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  figures: [...kept, ...fresh.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
};
await writeFile(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
for (const [name, rows] of Object.entries(tables)) {
  const file = new URL(`../${name}`, import.meta.url);
  await writeFile(file, withFiguresTable(await readFile(file, "utf8"), rows, results.figures));
}

console.log("");
for (const figure of fresh.values()) {
  const { name, value, unit, target, better, baseline } = figure;
  const relation = better === "lower" ? "<=" : ">=";
  const others = baseline === undefined ? "" : `  (others: ${Number(baseline.toPrecision(4))} ${unit})`;
  console.log(
    `${meetsTarget(figure) ? "  ok " : "short"}  ${name} = ${Number(value.toPrecision(4))} ${unit}, target ${relation} ${target}${others}`,
  );
}
