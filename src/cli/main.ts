#!/usr/bin/env node
import { exitStatus, statusOf } from "./exitStatus.ts";
import { describeError } from "./output.ts";
import { createProgram } from "./program.ts";

// `assay <command>`: parses arguments, runs one command, exits with a documented status.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitStatus.ok);
  throw error;
});
try {
  await createProgram().parseAsync();
} catch (error) {
  const { code, exitCode } = error as { code?: unknown; exitCode?: unknown };
  if (typeof code === "string" && code.startsWith("commander.")) {
    // commander has printed help or what is wrong.
    process.exitCode = exitCode === 0 ? exitStatus.ok : exitStatus.usage;
  } else {
    process.stderr.write(`assay: ${describeError(error)}\n`);
    if (process.env.ASSAY_DEBUG === "1") console.error(error);
    process.exitCode = statusOf(error);
  }
}
