import { defaultTriggers } from "../task.ts";
import { taskFilePath } from "../taskSchema.ts";
import type { Findings, ProjectView, TaskDraft } from "./findings.ts";
import { tasksOfMakefile } from "./makefile.ts";
import { tasksOfPackage } from "./npmPackage.ts";
import { quoted } from "./yamlText.ts";

/** Files that name a language or a tool that no environment has. */
const withoutEnvironment: Readonly<Record<string, string>> = {
  "Cargo.toml": "Rust (cargo)",
  "go.mod": "Go",
  "pyproject.toml": "Python",
  "CMakeLists.txt": "CMake",
};

/** Where the JSON Schema stands, beside the file of tasks. */
export const schemaFileName = "tasks.schema.json";

/** A first file of tasks for a project. It parses, whatever the project's files hold. */
export function draftTasks(project: ProjectView): Findings & { readonly text: string } {
  const found = [tasksOfPackage(project), tasksOfMakefile(project)];
  const release: TaskDraft = {
    name: "release",
    about: ["The source of each tag as a reproducible tarball: is a release exactly that commit?"],
    fields: { environment: "releaseTarball", on: '{ tags: ["v*"] }' },
  };
  const tasks = [...found.flatMap((each) => each.tasks), release];
  const notes = [
    ...found.flatMap((each) => each.notes),
    ...Object.entries(withoutEnvironment)
      .filter(([file]) => project.text(file) !== undefined)
      .map(([file, what]) => `${file}: no environment has ${what}; docs/guests.md says how to make one`),
  ];
  return { tasks, notes, text: textOf(tasks, notes, project.branch) };
}

function textOf(tasks: readonly TaskDraft[], notes: readonly string[], branch: string | undefined): string {
  const isUsual =
    branch === undefined || !/^[^\p{C}]{1,255}$/u.test(branch) || defaultTriggers.branches.includes(branch);
  const lines = [
    `# yaml-language-server: $schema=./${schemaFileName}`,
    `# What agents build and test of this project (assay follow); "assay run" does the same here, of what is committed.`,
    "# The fields are described in the schema beside this file.",
    "version: 1",
    "tasks:",
  ];
  for (const { name, about, fields } of tasks) {
    lines.push(...about.map((line) => `  # ${line}`), `  ${name}:`);
    const all = isUsual || fields.on !== undefined ? fields : { ...fields, on: `{ branches: [${quoted(branch)}] }` };
    lines.push(...Object.entries(all).map(([field, value]) => `    ${field}: ${value}`));
  }
  if (notes.length > 0) lines.push("", "# Not described here:", ...notes.map((note) => `# - ${inOneLine(note)}`));
  return `${lines.join("\n")}\n`;
}

function inOneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").slice(0, 200);
}

/** What `assay init` says of a file that is there already. */
export const alreadyThere = `${taskFilePath} is there already: nothing is written over`;
