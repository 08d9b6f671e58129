import type { Command } from "commander";
import { Ledger } from "../../chain/ledger.ts";
import type { Root } from "../../core/bytes.ts";
import { type CommonOptions, parseRoot, withCommonOptions } from "../options.ts";
import { createOutput, grid } from "../output.ts";
import { withChain } from "../session.ts";

interface Options extends CommonOptions {
  readonly buildId?: Root;
  readonly solver?: string;
}

export function defineClaims(command: Command): void {
  command
    .option("--build-id <root>", "only claims about this build", parseRoot)
    .option("--solver <address>", "only claims of this solver");
  withCommonOptions(command)
    .addHelpText("after", "\nExamples:\n  assay claims\n  assay claims --build-id 0x… --json")
    .action(run);
}

async function run(options: Options): Promise<void> {
  const output = createOutput(options.json);
  const claims = await withChain(options.config, async (chain) => {
    const ledger = new Ledger(chain);
    await ledger.refresh();
    return [...ledger.history.claims.values()]
      .filter(({ fields }) => options.buildId === undefined || fields.buildId === options.buildId)
      .filter(({ solver }) => options.solver === undefined || solver.toLowerCase() === options.solver.toLowerCase())
      .map((claim) => ({
        ...claim,
        openChallenges: ledger.history.challengesTo(claim.claimId).filter(({ status }) => status === "open").length,
      }));
  });
  output.data(claims, () =>
    grid(
      ["claim", "build", "solver", "status", "2^ticks", "challenges", "window ends"],
      claims.map(({ claimId, fields, solver, status, refutation, openChallenges, windowEnd }) => [
        claimId,
        fields.buildId.slice(0, 18),
        solver,
        refutation === undefined ? status : `${status} (${refutation.cause})`,
        String(fields.log2Ticks),
        String(openChallenges),
        new Date(windowEnd * 1000).toISOString(),
      ]),
    ),
  );
}
