import { Command } from "commander";
import { addChain } from "./commands/chain.ts";

/** The command line: one file per command in `commands/`. */
export function createProgram(): Command {
  const program = new Command("assay")
    .description("Trust a build you did not run: bonded claims, settled by one machine step that a contract executes.")
    .showHelpAfterError("(run with --help to see how it is used)")
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .addHelpText("after", "\nExit statuses are listed in docs/cli.md. Data go to stdout, everything else to stderr.");
  for (const add of [addChain]) add(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}
