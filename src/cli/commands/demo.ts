import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { AssayError } from "../../core/errors.ts";
import { sourceHelp } from "../../source/node/readSource.ts";
import type { CliErrorCode } from "../errors.ts";
import { exitStatus } from "../exitStatus.ts";
import { projectRoot } from "../localChain.ts";
import { runChild } from "../runChild.ts";

export function addDemo(program: Command): void {
  program
    .command("demo")
    .argument("[source]", sourceHelp, ".")
    .argument("[revision]", "commit, tag or branch of a repository")
    .description("play a whole dispute with real parts on a local chain; exit status 0 only if every fact was checked")
    .addHelpText("after", "\nExamples:\n  assay demo\n  assay demo ../project v1.2")
    .action(run);
}

async function run(source: string, revision: string | undefined): Promise<void> {
  const script = join(projectRoot, "scripts", "demo.sh");
  if (!existsSync(script)) {
    throw new AssayError<CliErrorCode>(
      "cli/refused",
      "the demo needs a checkout of the project, not the installed package",
      {
        looked: script,
      },
    );
  }
  const args = revision === undefined ? [source] : [source, revision];
  process.exitCode = (await runChild("bash", [script, ...args], { stdio: "inherit" })) ?? exitStatus.failed;
}
