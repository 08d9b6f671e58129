import { lstat, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { environmentNamed } from "../../build/node/environments.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { diskError } from "../../store/node/atomicFile.ts";
import { alreadyThere, draftTasks, schemaFileName } from "../../tasks/draft/draft.ts";
import { projectView } from "../../tasks/node/projectView.ts";
import { ambientPath, nativePath } from "../../tasks/radicleFiles.ts";
import { parseTaskFile } from "../../tasks/taskFile.ts";
import { taskFileJsonSchema, taskFilePath } from "../../tasks/taskSchema.ts";
import { createOutput, table } from "../output.ts";

interface Options {
  readonly print: boolean;
  readonly json: boolean;
}

export function defineInit(command: Command): void {
  command
    .argument("[folder]", "the project's own", ".")
    .option("--print", "print the file instead of writing it", false)
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
It looks at package.json, Makefile, Cargo.toml, go.mod, pyproject.toml and CMakeLists.txt, and says what no environment was found for.
A file that is there is never written over.

Exit status: 0 written, or printed; 2 the project has such a file already.

Examples:
  assay init
  assay init ../project --print`,
    )
    .action(init);
}

async function init(folder: string, { print, json }: Options): Promise<void> {
  const output = createOutput(json);
  const file = join(folder, taskFilePath);
  if (!print && (await lstat(file).catch(() => undefined)) !== undefined) throw refused(file);
  const project = projectView(folder);
  const draft = draftTasks(project);
  const tasks = parseTaskFile(draft.text);
  const notes = [
    ...draft.notes,
    ...[nativePath, ambientPath]
      .filter((path) => project.text(path) !== undefined)
      .map((path) => `${path}: is read only where ${taskFilePath} is missing`),
    ...(await missingEnvironments(tasks.map(({ environment }) => environment))),
  ];
  if (!print) {
    await writeNew(file, draft.text);
    await writeNew(join(folder, dirname(taskFilePath), schemaFileName), schemaText()).catch((error: unknown) => {
      if (!isAssayError(error, "cli/refused")) throw error;
    });
  }
  const names = tasks.map(({ name }) => name);
  const facts = { ...(print ? { text: draft.text } : { file }), tasks: names, notes };
  output.data(facts, () =>
    print
      ? draft.text.trimEnd().split("\n")
      : [
          ...table([
            ["written", file],
            ["tasks", names.join(", ")],
          ]),
          ...notes.map((note) => `not described: ${note}`),
          "Look at it, commit it, then: assay run",
        ],
  );
}

/** The JSON Schema as it stands beside the file, and in the package. */
function schemaText(): string {
  return `${JSON.stringify(taskFileJsonSchema(), null, 2)}\n`;
}

/** What is to be done before the tasks can be run here. */
async function missingEnvironments(names: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const name of new Set(names)) {
    try {
      await environmentNamed(name);
    } catch (error) {
      if (!isAssayError(error, "environment/unknown")) throw error;
      missing.push(`the environment ${name} is not here yet: assay env build ${name} (Debian), or assay env import`);
    }
  }
  return missing;
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") throw refused(file);
    throw diskError(cause, "write", file);
  }
}

function refused(file: string) {
  return new AssayError("cli/refused", `${file}: ${alreadyThere}`, { file });
}
