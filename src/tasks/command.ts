import { resultsBegin, resultsEnd } from "./results/sections.ts";
import type { Task } from "./task.ts";

/** What a task's environment runs, and the path of what it leaves. */
export interface TaskCommand {
  readonly command: string;
  readonly output: string;
}

/** What a test leaves that has passed, where its file names no output of its own. */
const passed = "/tmp/assay-test";

/**
 * The command of a task that has one; part of the build id. That of a build is `run` as it is written. A test's runs in a shell of
 * its own, prints the files of its results on the console, leaves a file if it has passed, and ends with the exit status of `run`.
 */
export function commandOf({ kind, run, output, results }: Task): TaskCommand | undefined {
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
    ...(output === undefined ? [`[ $status -ne 0 ] || echo passed >${passed}`] : []),
    "exit $status",
  ];
  return { command: lines.join("\n"), output: output ?? passed };
}
