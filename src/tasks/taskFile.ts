import { LineCounter, type ParsedNode, parseDocument } from "yaml";
import { z } from "zod";
import { AssayError } from "../core/errors.ts";
import { faultsOf } from "../core/json.ts";
import { fits } from "./pattern.ts";

/** Where a project says what is to be built and tested. */
export const taskFilePath = ".assay/tasks.yaml";
const mostBytes = 2 ** 18;
const mostTasks = 64;

/** One thing to be done with a commit of a project. */
export interface Task {
  readonly name: string;
  /** A build is claimed to give an artifact; a test says by its exit code whether the project is as it should be. */
  readonly kind: "build" | "test";
  /** Name or id of the environment. */
  readonly environment: string;
  /** In environments that run commands: a shell command, in the source's folder. */
  readonly run?: string | undefined;
  /** Path of the artifact that it leaves. */
  readonly output?: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly tickLimit?: number | undefined;
  /** Whose commits it is for: patterns of names of branches and tags. */
  readonly on: { readonly branches: readonly string[]; readonly tags: readonly string[] };
}

const pattern = z.string().min(1).max(255);
const taskSchema = z
  .strictObject({
    kind: z.enum(["build", "test"]).default("build"),
    environment: z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, "is not the name or id of an environment"),
    run: z.string().min(1).max(65_536).optional(),
    output: z.string().min(1).max(4096).optional(),
    variables: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not the name of a variable"), z.string().max(65_536))
      .default({}),
    tickLimit: z.int().positive().max(1e12).optional(),
    on: z
      .strictObject({ branches: z.array(pattern).max(64).default([]), tags: z.array(pattern).max(64).default([]) })
      .default({ branches: ["main", "master"], tags: [] }),
  })
  .refine(({ run, output }) => (run === undefined) === (output === undefined), {
    message: "run and output belong together: a command, and the path that it leaves",
  });
/** The file as zod has it: also the source of the JSON Schema for editors. */
export const taskFileSchema = z.strictObject({
  version: z.literal(1),
  tasks: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "is not a name of letters, digits, dots and dashes"),
      taskSchema,
    )
    .refine((tasks) => Object.keys(tasks).length <= mostTasks, `are more than ${mostTasks}`)
    .refine((tasks) => Object.keys(tasks).length > 0, "are none"),
});

/**
 * Reads a project's tasks. The text may come from anybody.
 * @param file its name, for errors.
 * @throws AssayError `tasks/bad-file`, with a line for each fault: file, line, field, and what is wrong with it.
 */
export function parseTaskFile(text: string, file: string = taskFilePath): Task[] {
  if (text.length > mostBytes) throw badFile(file, [`has more than ${mostBytes} characters`]);
  const lines = new LineCounter();
  const document = parseDocument(text, { uniqueKeys: true, lineCounter: lines });
  if (document.errors.length > 0) {
    throw badFile(
      file,
      document.errors.map(({ message, pos }) => `line ${lines.linePos(pos[0]).line}: ${message.split("\n", 1)[0]}`),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw badFile(file, ["has references within itself (&, *), which are not taken"]);
  }
  const checked = taskFileSchema.safeParse(value);
  if (checked.success) return Object.entries(checked.data.tasks).map(([name, task]) => ({ name, ...task }));
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as ParsedNode | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  throw badFile(
    file,
    faultsOf(checked.error).map(({ path, why }) => `line ${lineOf(path)}: ${path.join(".") || "the file"}: ${why}`),
  );
}

function badFile(file: string, faults: readonly string[]) {
  return new AssayError("tasks/bad-file", faults.map((fault) => `${file}: ${fault}`).join("\n"), { file, faults });
}

/** Whether a task is for what a ref names: `refs/heads/...` or `refs/tags/...`. */
export function isFor({ on }: Task, ref: string): boolean {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (kind === undefined || name === undefined) return false;
  return on[kind === "heads" ? "branches" : "tags"].some((each) => fits(each, name));
}
