import { resultsBegin, resultsEnd } from "./results/sections.ts";
import type { Task } from "./task.ts";

/** What a task's environment runs, and the path of what it leaves. */
export interface TaskCommand {
  readonly command: string;
  readonly output: string;
}

/** What a test leaves that has ended well, where its file names no output of its own: the same for every test. */
const standIn = "/tmp/assay-test";

/** Whether what a task leaves says nothing but that its command has ended well. */
export function leavesStandIn({ kind, output }: Pick<Task, "kind" | "output">): boolean {
  return kind === "test" && output === undefined;
}

/**
 * The command of a task that has one; part of the build id. That of a build is `run` as it is written. A test's runs in a shell of
 * its own, prints the files of its results on the console, leaves a file if that has ended well, and ends with the exit status of `run`.
 */
export function commandOf(task: Task): TaskCommand | undefined {
  const { kind, run, output, results } = task;
  if (run === undefined) return undefined;
  if (kind === "build" || (output !== undefined && results.length === 0)) return { command: run, output: output! };
  const files = results.map((pattern) => `./${pattern}`).join(" ");
  const lines = [
    ...["(", run.replace(/\n*$/, ""), ")", "status=$?"],
    ...(results.length === 0
      ? []
      : [
          `for file in ${files}; do`,
          '  [ -f "$file" ] || continue',
          `  printf '\\n%s\\n' "${resultsBegin} $file"`,
          '  cat "$file"',
          `  printf '\\n%s\\n' '${resultsEnd}'`,
          "done",
        ]),
    ...(leavesStandIn(task) ? [`[ $status -ne 0 ] || echo 0 >${standIn}`] : []),
    "exit $status",
  ];
  return { command: lines.join("\n"), output: output ?? standIn };
}
