import { fits } from "./pattern.ts";
import type { Task } from "./task.ts";
import { taskFilePath } from "./taskSchema.ts";

/** Comparisons of characters for one task: a change that is too large, or patterns that are, count as touched. */
const mostWork = 2 ** 23;

/** Whether a task is for what a ref names: `refs/heads/...`, `refs/tags/...`, or a forge's ref of what somebody proposes. */
export function isFor({ on }: Pick<Task, "on">, ref: string): boolean {
  if (/^refs\/(pull|merge-requests)\/\d+\/head$/.test(ref)) return on.patches;
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (kind === undefined || name === undefined) return false;
  return on[kind === "heads" ? "branches" : "tags"].some((each) => fits(each, name));
}

/** Whether it makes a difference to a task which paths have changed. */
export function asksForPaths({ on: { paths } }: Pick<Task, "on">): boolean {
  return paths.include.length + paths.exclude.length > 0;
}

/**
 * Whether a change touches what a task is for. A change of the tasks themselves touches all of them.
 * @param changed the paths; undefined if there is nothing to compare with.
 */
export function isTouched(task: Pick<Task, "on">, changed: readonly string[] | undefined): boolean {
  if (changed === undefined || !asksForPaths(task)) return true;
  const { include, exclude } = task.on.paths;
  const patternLength = [...include, ...exclude].reduce((sum, each) => sum + each.length, 0);
  let work = 0;
  return changed.some((path) => {
    work += patternLength * path.length;
    if (work > mostWork || path === taskFilePath) return true;
    return (
      (include.length === 0 || include.some((each) => fits(each, path))) && !exclude.some((each) => fits(each, path))
    );
  });
}
