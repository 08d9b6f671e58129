import type { Findings, ProjectView, TaskDraft } from "./findings.ts";
import { scalar } from "./yamlText.ts";

/** In the order in which make looks for them. */
export const makefileNames = ["GNUmakefile", "makefile", "Makefile"];

const mostCharacters = 2 ** 18;
const mostSteps = 16;
/** Words for a target that is no file. */
const groups = new Set(["all", "default", "build", "world"]);

interface Makefile {
  readonly variables: ReadonlyMap<string, string>;
  /** What each target is made of, in the order of the file. */
  readonly rules: ReadonlyMap<string, readonly string[]>;
  readonly phony: ReadonlySet<string>;
}

/** The tasks of a project that is built by make: what its first target leaves, and its tests. */
export function tasksOfMakefile(project: ProjectView): Findings {
  const file = makefileNames.find((name) => project.text(name) !== undefined);
  if (file === undefined) return { tasks: [], notes: [] };
  const makefile = parseMakefile(project.text(file)!.slice(0, mostCharacters));
  const artifact = artifactOf(makefile);
  const tests = ["check", "test"].find((name) => makefile.rules.has(name));
  const tasks: TaskDraft[] = [];
  if (artifact !== undefined) {
    const fields = { environment: "c", run: "make", output: scalar(artifact) };
    tasks.push({ name: "build", about: [`What make leaves, by its first target in ${file}.`], fields });
  }
  if (tests !== undefined) {
    const fields = { kind: "test", environment: "c", run: `make ${tests}` };
    tasks.push({ name: tests, about: ["Its tests: TAP that they print is counted."], fields });
  }
  const unknown = `${file}: which file "make" leaves could not be found out: a task needs its path as output`;
  return { tasks, notes: artifact === undefined ? [unknown] : [] };
}

function parseMakefile(text: string): Makefile {
  const variables = new Map<string, string>();
  const rules = new Map<string, string[]>();
  const phony = new Set<string>();
  for (const line of text.replace(/\\\r?\n/g, " ").split(/\r?\n/)) {
    if (line.startsWith("\t")) continue;
    const plain = line.replace(/#.*$/, "").trim();
    const assigned = /^(?:export\s+|override\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(\+|\?|::?|!)?=(.*)$/.exec(plain);
    if (assigned !== null) {
      const [, name = "", operator, value = ""] = assigned;
      const before = variables.get(name);
      if (operator === "+") variables.set(name, `${before ?? ""} ${value.trim()}`.trim());
      else if (operator !== "?" || before === undefined) variables.set(name, value.trim());
      continue;
    }
    const rule = /^([^:=]+)::?(?!=)([^;=]*)/.exec(plain);
    if (rule === null) continue;
    const words = (part: string) =>
      expand(part, variables)
        .split(/\s+/)
        .filter((word) => word !== "");
    const needed = words(rule[2] ?? "").filter((word) => word !== "|");
    for (const target of words(rule[1] ?? "")) {
      if (target === ".PHONY") for (const word of needed) phony.add(word);
      else if (!/^\.[A-Z]|%|\$/.test(target)) rules.set(target, [...(rules.get(target) ?? []), ...needed]);
    }
  }
  return { variables, rules, phony };
}

/** A text with its variables in their places; what cannot be told stays as it is. */
function expand(text: string, variables: ReadonlyMap<string, string>): string {
  let expanded = text;
  for (let step = 0; step < mostSteps && expanded.length < 10_000; step++) {
    const next = expanded.replace(
      /\$[({]([A-Za-z_][A-Za-z0-9_.-]*)[)}]/g,
      (whole, name) => variables.get(name) ?? whole,
    );
    if (next === expanded) break;
    expanded = next;
  }
  return expanded;
}

/** The file that the first target is, or that it is made of, if it is only a name for others. */
function artifactOf({ rules, phony }: Makefile): string | undefined {
  let target = rules.keys().next().value;
  for (let step = 0; step < mostSteps && target !== undefined; step++) {
    if (!phony.has(target) && !groups.has(target))
      return /^(?!-)(?!.*\.\.)[A-Za-z0-9_./+-]{1,200}$/.test(target) ? target : undefined;
    target = rules.get(target)?.[0];
  }
  return undefined;
}
