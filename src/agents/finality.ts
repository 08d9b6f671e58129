import type { HistoryEvent } from "../chain/history.ts";
import type { Root } from "../core/bytes.ts";
import type { Agent } from "./agent.ts";
import type { FinishedBuild } from "./builds.ts";

/**
 * Says that a build has become final; as an error, and counted, if its final root is not that of the own run.
 * @param event `BuildFinalized`.
 * @param own what this process has run of the build, if it has.
 * @param isWrong whether the claim is known to be wrong for another reason.
 */
export function noteFinal(
  agent: Agent,
  { args, block }: HistoryEvent,
  own: FinishedBuild | undefined,
  isWrong = false,
): void {
  const finalRoot = args.finalRoot as Root;
  const facts = { claim: args.claimId, build: args.buildId, block, finalRoot };
  if (!isWrong && (own === undefined || own.finalRoot === finalRoot)) {
    agent.log.info(facts, "build final");
    return;
  }
  agent.once(`wrong final ${args.claimId}`, () => {
    agent.duties.wrongFinals++;
    agent.log.error(
      { ...facts, ...(own && { own: own.finalRoot }), alert: "wrong-final" },
      "a wrong claim has become final",
    );
  });
}
