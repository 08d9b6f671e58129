import { AssayError } from "../../core/errors.ts";
import { readFiles } from "../../source/node/readFiles.ts";
import { ambientPath, type MappedTasks, nativePath, parseAmbient, parseNative } from "../radicleFiles.ts";
import { parseTaskFile } from "../taskFile.ts";
import { taskFilePath } from "../taskSchema.ts";

/** The other files that are read where a project has none of its own, and how. */
const others: readonly (readonly [string, (text: string) => MappedTasks])[] = [
  [nativePath, parseNative],
  [ambientPath, parseAmbient],
];

/**
 * The tasks of a source, as its own file describes them; where it has none, as those for Radicle's CI do.
 * @param options by default 600 seconds for each run of git.
 * @throws AssayError `tasks/no-file`, `tasks/bad-file`, `source/...`
 */
export async function readTasks(
  source: string,
  revision?: string,
  options: { readonly signal?: AbortSignal; readonly timeoutSeconds?: number } = {},
): Promise<MappedTasks> {
  const files = await readFiles(source, [taskFilePath, ...others.map(([path]) => path)], { ...options, revision });
  const textOf = (path: string) => {
    const content = files.get(path);
    return content && new TextDecoder().decode(content);
  };
  const own = textOf(taskFilePath);
  if (own !== undefined) return { tasks: parseTaskFile(own), unmapped: [] };
  const mapped = others.flatMap(([path, parse]) => {
    const text = textOf(path);
    return text === undefined ? [] : [parse(text)];
  });
  if (mapped.length > 0) {
    return { tasks: mapped.flatMap(({ tasks }) => tasks), unmapped: mapped.flatMap(({ unmapped }) => unmapped) };
  }
  const message = `${source} has no file ${taskFilePath}: it says which builds and tests a project has (docs/following.md)`;
  throw new AssayError("tasks/no-file", message, { source });
}
