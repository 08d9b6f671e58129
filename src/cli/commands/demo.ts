import type { Command } from "commander";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { requireHardhat } from "../hardhat.ts";

export function defineDemo(command: Command): void {
  command
    .argument("[source]", sourceHelp, ".")
    .argument("[revision]", "commit, tag or branch of a repository")
    .addHelpText("after", "\nExamples:\n  assay demo\n  assay demo ../project v1.2")
    .action(async (source: string, revision: string | undefined) => {
      requireHardhat();
      const { playTarball } = await import("../../demo/tarball.ts");
      await playTarball(source, revision);
    });
}
