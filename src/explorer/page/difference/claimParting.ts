import { fetchPublication } from "../../../client/publication.ts";
import type { Root } from "../../../core/bytes.ts";
import { AssayError } from "../../../core/errors.ts";
import { CheckpointTree, checkpointCount, decodeCheckpoints, mostCheckpoints } from "../../../protocol/checkpoints.ts";
import type { ClaimDetail } from "../../records.ts";
import { theStores } from "../contents.ts";
import "../errors.ts";

/** Where the runs that two claims of a build tell have parted. */
export interface ClaimParting {
  /** Both tell the same state after so many ticks, */
  readonly fromTick: number;
  /** and another one after so many; undefined: only the last states differ. */
  readonly toTick: number | undefined;
}

/**
 * The first state that two claims tell differently, by the lists of checkpoints that their solvers have published. Each list is held to
 * the root that stands on the chain.
 * @throws AssayError `store/...`, `client/bad-publication`, `explorer/bad-answer`
 */
export async function partingOf(first: ClaimDetail, second: ClaimDetail): Promise<ClaimParting> {
  const [ours, theirs] = await Promise.all([statesOf(first), statesOf(second)]);
  const log2Between = Math.max(first.log2CheckpointTicks, second.log2CheckpointTicks);
  const between = 2 ** log2Between;
  const end = 2 ** Math.max(first.log2Ticks, second.log2Ticks);
  for (let tick = between; tick < end; tick += between) {
    if (ours(tick) !== theirs(tick)) return { fromTick: tick - between, toTick: tick };
  }
  return { fromTick: Math.max(0, end - between), toTick: undefined };
}

/** The states that a claim tells, by the number of ticks before them. What has halted stays as it is. */
async function statesOf(claim: ClaimDetail): Promise<(tick: number) => Root> {
  const { log2Ticks, log2CheckpointTicks, checkpointRoot, finalRoot, locator } = claim;
  const count = checkpointCount(log2Ticks, log2CheckpointTicks);
  const roots = count === 0 ? [] : await listOf(locator, count);
  if (new CheckpointTree({ roots }).root !== checkpointRoot) {
    const why = "the list that its solver has published is not the one that it has committed to";
    throw new AssayError("explorer/bad-answer", `the checkpoints of claim ${claim.claimId}: ${why}`, {
      url: locator,
      why,
    });
  }
  return (tick) => roots[tick / 2 ** log2CheckpointTicks - 1] ?? finalRoot;
}

async function listOf(locator: string, count: number): Promise<readonly Root[]> {
  const refuse = (why: string) => new AssayError("explorer/bad-answer", `checkpoints: ${why}`, { url: locator, why });
  if (count > mostCheckpoints) throw refuse(`there are ${count}, more than are read (${mostCheckpoints})`);
  const { checkpoints } = await fetchPublication(theStores(), locator);
  if (checkpoints === undefined) throw refuse("its solver has published none");
  return decodeCheckpoints(await theStores().get(checkpoints, 32 * count), count).roots;
}
