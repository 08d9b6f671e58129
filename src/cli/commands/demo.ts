import type { Command } from "commander";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { requireHardhat } from "../hardhat.ts";

export function defineDemo(command: Command): void {
  command
    .argument("[source]", sourceHelp, ".")
    .argument("[revision]", "commit, tag or branch of a repository")
    .option("--open", "show it in the explorer, in a browser, in the end, until interrupted", false)
    .addHelpText("after", "\nExamples:\n  assay demo\n  assay demo ../project v1.2\n  assay demo --open")
    .action(async (source: string, revision: string | undefined, { open }: { readonly open: boolean }) => {
      requireHardhat();
      const { playTarball } = await import("../../demo/tarball.ts");
      await playTarball(source, revision, open);
    });
}
