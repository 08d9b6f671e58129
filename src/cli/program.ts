import { Command } from "commander";
import { printableLines } from "../core/printable.ts";
import { aliases, commands } from "./commands.ts";

/**
 * The command line. Only the commands that are asked for are loaded, since some need much code; the others have their name and
 * description.
 * @param wanted names of commands.
 */
export async function createProgram(wanted: (name: string) => boolean): Promise<Command> {
  const program = new Command("assay")
    .description("Trust a build you did not run: bonded claims, settled by one machine step that a contract executes.")
    .showHelpAfterError("(run with --help to see how it is used)")
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(printableLines(text)) })
    .configureHelp({ sortSubcommands: false })
    .addHelpText("after", "\nExit statuses are listed in docs/cli.md. Data go to stdout, everything else to stderr.");
  for (const { name, description, load } of commands) {
    const command = program.command(name).description(description).exitOverride();
    for (const [alias, of] of Object.entries(aliases)) if (of === name) command.alias(alias);
    if (wanted(name)) (await load())(command);
  }
  return program;
}

/**
 * The command that arguments name: the program itself has no options but `--help`, so that it is the first word, or the one after
 * `help`.
 */
export function commandIn(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  const named = first === "help" ? second : first;
  return named === undefined ? undefined : (aliases[named] ?? named);
}
