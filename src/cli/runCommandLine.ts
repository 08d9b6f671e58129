import { inspect } from "node:util";
import { printableLines } from "../core/printable.ts";
import { exitStatus, statusOf } from "./exitStatus.ts";
import { describeError } from "./output.ts";
import { commandIn, createProgram } from "./program.ts";
import { guardStreams } from "./streams.ts";

/** Parses this process's arguments, runs one command, and sets the documented exit status. */
export async function runCommandLine(): Promise<void> {
  guardStreams();
  try {
    const command = commandIn(process.argv.slice(2));
    await (await createProgram((name) => name === command)).parseAsync();
  } catch (error) {
    const { code, exitCode } = error as { code?: unknown; exitCode?: unknown };
    if (typeof code === "string" && code.startsWith("commander.")) {
      // commander has printed help or what is wrong.
      process.exitCode = exitCode === 0 ? exitStatus.ok : exitStatus.usage;
    } else {
      process.stderr.write(`assay: ${describeError(error)}\n`);
      if (process.env.ASSAY_DEBUG === "1") process.stderr.write(`${printableLines(inspect(error))}\n`);
      process.exitCode = statusOf(error);
    }
  }
}
