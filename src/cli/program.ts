import { Command } from "commander";
import { printableLines } from "../core/printable.ts";
import { addBuild } from "./commands/build.ts";
import { addChain } from "./commands/chain.ts";
import { addClaims } from "./commands/claims.ts";
import { addSolver, addVerifier } from "./commands/daemon.ts";
import { addDemo } from "./commands/demo.ts";
import { addDeploy } from "./commands/deploy.ts";
import { addDisputes } from "./commands/disputes.ts";
import { addEmulator } from "./commands/emulator.ts";
import { addGuest } from "./commands/guest.ts";
import { addKey } from "./commands/key.ts";
import { addMonitor } from "./commands/monitor.ts";
import { addRequest } from "./commands/request.ts";
import { addResult } from "./commands/result.ts";
import { addStatus } from "./commands/status.ts";
import { addStore } from "./commands/store.ts";
import { addTrace } from "./commands/trace.ts";

/** The command line: one file per command in `commands/`. */
export function createProgram(): Command {
  const program = new Command("assay")
    .description("Trust a build you did not run: bonded claims, settled by one machine step that a contract executes.")
    .showHelpAfterError("(run with --help to see how it is used)")
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(printableLines(text)) })
    .configureHelp({ sortSubcommands: false })
    .addHelpText("after", "\nExit statuses are listed in docs/cli.md. Data go to stdout, everything else to stderr.");
  for (const add of [
    addBuild,
    addRequest,
    addResult,
    addClaims,
    addDisputes,
    addStatus,
    addTrace,
    addSolver,
    addVerifier,
    addStore,
    addMonitor,
    addChain,
    addDeploy,
    addKey,
    addDemo,
    addEmulator,
    addGuest,
  ])
    add(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}
