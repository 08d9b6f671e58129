import type { Command } from "commander";
import { Ledger } from "../../chain/ledger.ts";
import type { Root } from "../../core/bytes.ts";
import { turnOf } from "../../protocol/turn.ts";
import { type CommonOptions, parseRoot, withCommonOptions } from "../options.ts";
import { createOutput, grid } from "../output.ts";
import { withChain } from "../session.ts";

interface Options extends CommonOptions {
  readonly claim?: Root;
  readonly open: boolean;
}

export function defineDisputes(command: Command): void {
  command
    .option("--claim <id>", "only challenges to this claim", parseRoot)
    .option("--open", "only those that are open", false);
  withCommonOptions(command)
    .addHelpText("after", "\nExamples:\n  assay disputes --open\n  assay disputes --claim 0x… --json")
    .action(run);
}

async function run(options: Options): Promise<void> {
  const output = createOutput(options.json);
  const disputes = await withChain(options.config, async (chain) => {
    const ledger = new Ledger(chain);
    await ledger.refresh();
    return [...ledger.history.challenges.values()]
      .filter(({ claimId }) => options.claim === undefined || claimId === options.claim)
      .map((challenge) => {
        const { range, since, solverLeft, challengerLeft } = challenge.at;
        const claim = ledger.history.claims.get(challenge.claimId)!;
        const open = challenge.status === "open" && claim.status === "open";
        const turn = open ? turnOf(ledger.disputeView(challenge.id)) : undefined;
        return {
          id: challenge.id,
          claimId: challenge.claimId,
          challenger: challenge.challenger,
          status: open ? "open" : claim.status === "refuted" ? "refuted" : challenge.status,
          stakeNumber: challenge.stakeNumber,
          selections: challenge.selections,
          range,
          clocks: { since, solverLeft, challengerLeft },
          ...(turn && { turn: turn.side, waitsFor: turn.kind, deadline: turn.deadline, over: turn.over }),
        };
      })
      .filter(({ status }) => !options.open || status === "open");
  });
  output.data(disputes, () =>
    grid(
      ["challenge", "claim", "status", "selections", "range", "turn", "until"],
      disputes.map(({ id, claimId, status, selections, range, turn, deadline }) => [
        `${id.slice(0, 10)}…${id.slice(-4)}`,
        claimId.slice(0, 18),
        status,
        String(selections),
        `${range.level} ${range.level === "steps" ? `${range.tick}:` : ""}${range.from}+2^${range.log2Length}`,
        turn ?? "",
        deadline === undefined ? "" : new Date(deadline * 1000).toISOString(),
      ]),
    ),
  );
}
