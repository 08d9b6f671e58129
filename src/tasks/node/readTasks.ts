import { AssayError } from "../../core/errors.ts";
import { readSource } from "../../source/node/readSource.ts";
import { parseTaskFile, type Task, taskFilePath } from "../taskFile.ts";

/** Most bytes of a source that is searched for its tasks. */
const capacity = 2 ** 26;

/**
 * The tasks of a source, as its own file describes them.
 * @throws AssayError `tasks/no-file`, `tasks/bad-file`, `source/...`
 */
export async function readTasks(source: string, revision?: string, signal?: AbortSignal): Promise<Task[]> {
  let text: string | undefined;
  await readSource(source, {
    ...(revision !== undefined && { revision }),
    ...(signal !== undefined && { signal }),
    capacity,
    encode({ entries }) {
      const entry = entries.find(({ path, kind }) => path === taskFilePath && kind !== "symlink");
      text = entry && new TextDecoder().decode(entry.content);
      return new Uint8Array(0);
    },
  });
  if (text !== undefined) return parseTaskFile(text);
  const message = `${source} has no file ${taskFilePath}: it says which builds and tests a project has (docs/following.md)`;
  throw new AssayError("tasks/no-file", message, { source });
}
