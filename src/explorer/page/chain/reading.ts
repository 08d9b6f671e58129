import { type AssayChain, confirmedBlock } from "../../../chain/assay.ts";
import { type ChainLog, inOrder, nameOf } from "../../../chain/blocks.ts";
import { readLogs } from "../../../chain/scan.ts";
import { resultOf } from "../../../client/results.ts";
import type { Root } from "../../../core/bytes.ts";
import type { BuildDetail, ClaimDetail, DisputeDetail } from "../../records.ts";
import { ExplorerView } from "../../view.ts";
import { noteHead } from "../state/clock.ts";
import { type ChainSettings, keyOf } from "../state/settings.ts";
import { connectionTo } from "./connection.ts";
import type { ContractResult } from "./gateway.ts";

/** What the contract says is the result of a build, and the block as of which it says so. */
export async function resultOn(
  chain: ChainSettings,
  buildId: Root,
): Promise<{ block: number; result: ContractResult }> {
  const connection = await connectionTo(chain);
  const block = await confirmedBlock(connection);
  const result = await resultOf(connection, buildId);
  if (result.status !== "final") return { block, result: { status: result.status } };
  const { status, artifactSha256, exitCode, end, claimId } = result;
  return { block, result: { status, artifactSha256, exitCode, end, claimId } };
}

export async function buildDetailOn(chain: ChainSettings, buildId: Root): Promise<BuildDetail | undefined> {
  return (await viewOf(chain, buildId)).buildDetail(buildId);
}

export async function buildOfClaimOn(chain: ChainSettings, claimId: Root): Promise<Root | undefined> {
  const connection = await connectionTo(chain);
  const { filters } = connection.contract;
  const [log] = await logsOf(connection, await filters.ClaimRevealed(claimId).getTopicFilter());
  return log?.topics[2] as Root | undefined;
}

export async function claimDetailOn(chain: ChainSettings, claimId: Root): Promise<ClaimDetail | undefined> {
  const buildId = await buildOfClaimOn(chain, claimId);
  return buildId && (await viewOf(chain, buildId)).claimDetail(claimId);
}

export async function disputeDetailOn(chain: ChainSettings, challengeId: Root): Promise<DisputeDetail | undefined> {
  const connection = await connectionTo(chain);
  const { filters } = connection.contract;
  const [log] = await logsOf(connection, await filters.ChallengeOpened(undefined, challengeId).getTopicFilter());
  const claimId = log?.topics[1] as Root | undefined;
  const buildId = claimId && (await buildOfClaimOn(chain, claimId));
  return buildId && (await viewOf(chain, buildId)).disputeDetail(challengeId);
}

/** All that the contract's events say of one build, its claims and their challenges. */
async function viewOf(chain: ChainSettings, buildId: Root): Promise<ExplorerView> {
  const connection = await connectionTo(chain);
  const to = await confirmedBlock(connection);
  const ofBuild = [null, null, [buildId]];
  // Events have the build as their first, second or third topic; most of them as the second.
  const found = await Promise.all([logsOf(connection, [null, buildId], to), logsOf(connection, ofBuild, to)]);
  const claims = topicsOf(found.flat(), "ClaimRevealed", 1, connection);
  const opened = claims.length === 0 ? [] : await logsOf(connection, [null, claims], to);
  const challenges = topicsOf(opened, "ChallengeOpened", 2, connection);
  const moves = challenges.length === 0 ? [] : await logsOf(connection, [null, challenges], to);
  const logs = [...new Map([...found.flat(), ...opened, ...moves].map((log) => [nameOf(log), log])).values()];
  logs.sort(inOrder);
  const times = await timesOf(connection, logs);
  const dated = logs.map((log) => ({ ...log, timestamp: times.get(log.blockNumber)! }));
  const head = await connection.provider.getBlock("latest");
  if (head !== null) noteHead(keyOf(chain), head.timestamp);
  return ExplorerView.ofLogs({ chain: keyOf(chain), parameters: connection.parameters }, dated);
}

type Topics = readonly (null | string | readonly string[])[];

async function logsOf(connection: AssayChain, topics: Topics, to?: number): Promise<ChainLog[]> {
  const { assay: address, deploymentBlock, logRange: maxRange } = connection.deployment;
  const last = to ?? (await confirmedBlock(connection));
  return await readLogs(connection.provider, { address, maxRange, topics }, deploymentBlock, last);
}

function topicsOf(logs: readonly ChainLog[], name: string, place: number, { contract }: AssayChain): string[] {
  const { topicHash } = contract.interface.getEvent(name as "ClaimRevealed")!;
  return logs.filter(({ topics }) => topics[0] === topicHash).map(({ topics }) => topics[place]!);
}

async function timesOf({ provider }: AssayChain, logs: readonly ChainLog[]): Promise<Map<number, number>> {
  const blocks = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
  const times = new Map<number, number>();
  const left = blocks.values();
  const read = async () => {
    for (const number of left) times.set(number, (await provider.getBlock(number))!.timestamp);
  };
  await Promise.all(Array.from({ length: 6 }, read));
  return times;
}
