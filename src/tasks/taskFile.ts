import { LineCounter, type ParsedNode, parseDocument } from "yaml";
import type { z } from "zod";
import { AssayError, isAssayError } from "../core/errors.ts";
import { faultsOf } from "../core/json.ts";
import { defaultTriggers, publishable, type Task, type Triggers } from "./task.ts";
import { taskFilePath, taskFileSchema } from "./taskSchema.ts";

const mostCharacters = 2 ** 18;

/**
 * Reads a project's tasks. The text may come from anybody.
 * @param file its name, for errors.
 * @throws AssayError `tasks/bad-file`, with a line for each fault: file, line, field, and what is wrong with it.
 */
export function parseTaskFile(text: string, file: string = taskFilePath): Task[] {
  const { tasks } = parseYaml(text, taskFileSchema, file);
  return Object.entries(tasks).map(([name, { on, results = [], publish = publishable, ...task }]) => ({
    ...{ name, ...task, results, on: triggersOf(on) },
    publish: publishable.filter((each) => publish.includes(each)),
  }));
}

type WrittenTriggers = z.output<typeof taskFileSchema>["tasks"][string]["on"];

function triggersOf(on: WrittenTriggers): Triggers {
  const { branches, tags, patches, paths } = on ?? {};
  const names = branches === undefined && tags === undefined && patches === undefined;
  return {
    branches: names ? defaultTriggers.branches : (branches ?? []),
    tags: tags ?? [],
    patches: patches ?? false,
    paths: { include: paths?.include ?? [], exclude: paths?.exclude ?? [] },
  };
}

/**
 * What a schema takes from a YAML file that anybody may have written.
 * @throws AssayError `tasks/bad-file`
 */
export function parseYaml<S extends z.ZodType>(text: string, schema: S, file: string): z.output<S> {
  if (text.length > mostCharacters) throw badFile(file, [`has more than ${mostCharacters} characters`]);
  const lines = new LineCounter();
  const document = withinStack(file, () => parseDocument(text, { uniqueKeys: true, lineCounter: lines }));
  if (document.errors.length > 0) {
    throw badFile(
      file,
      document.errors.map(({ message, pos }) => `line ${lines.linePos(pos[0]).line}: ${message.split("\n", 1)[0]}`),
    );
  }
  let value: unknown;
  try {
    value = withinStack(file, () => document.toJS({ maxAliasCount: 0 }));
  } catch (error) {
    if (isAssayError(error)) throw error;
    throw badFile(file, ["has references within itself (&, *), which are not taken"]);
  }
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as ParsedNode | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  throw badFile(
    file,
    fieldsOf(checked.error).map(({ path, why }) => `line ${lineOf(path)}: ${path.join(".") || "the file"}: ${why}`),
  );
}

/** Reading YAML recurses as deep as the text is nested, and a stranger's may be nested without end. */
function withinStack<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw badFile(file, ["is nested too deeply"]);
    throw error;
  }
}

/** What is wrong, field by field: one that is not known is named itself, not what it stands in. */
function fieldsOf(error: z.ZodError): ReturnType<typeof faultsOf> {
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key], why: "is no field that is known" }))
      : faultsOf({ issues: [issue] } as z.ZodError),
  );
}

export function badFile(file: string, faults: readonly string[]) {
  return new AssayError("tasks/bad-file", faults.map((fault) => `${file}: ${fault}`).join("\n"), { file, faults });
}
