import { AssayError } from "../core/errors.ts";

/** What can be wrong with a project's tasks. */
export type TaskErrorCode =
  /** The file is not what it should be; the message names the line and the field. */
  | "tasks/bad-file"
  /** The project has no such file. */
  | "tasks/no-file"
  /** The file has no task of this name. */
  | "tasks/unknown";

export function taskError(
  code: TaskErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AssayError<TaskErrorCode> {
  return new AssayError<TaskErrorCode>(code, message, details);
}
