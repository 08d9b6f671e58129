import { isError } from "ethers";
import type { AssayChain } from "../chain/assay.ts";
import { abis, confirmedBlock } from "../chain/assay.ts";
import type { ChainLog } from "../chain/blocks.ts";
import { chainError } from "../chain/errors.ts";
import { type LogFilter, readLogs } from "../chain/scan.ts";
import type { Hex, Root } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { pause } from "../core/pause.ts";

/**
 * What the chain says about a build. It means something only for a build id that the reader has computed itself, from a
 * program it trusts and a source it has: the chain knows roots, not what they stand for.
 */
export type Result =
  | {
      /** `unknown`: no living claim. `open`: claims live and agree. `contradicted`: living claims disagree. */
      readonly status: "unknown" | "open" | "contradicted";
      readonly buildId: Root;
      /** Claims about this build that have been refuted. */
      readonly refuted: number;
    }
  | FinalResult;

/** A result that no claim can change any more. */
export interface FinalResult {
  readonly status: "final";
  readonly buildId: Root;
  readonly refuted: number;
  /** Block time. */
  readonly finalizedAt: number;
  /** The claim through which the build became final, and the root of its last state. */
  readonly claimId: Root;
  readonly finalRoot: Root;
  /** How the program ended. Only `halted` with exit code 0 is a success. */
  readonly end: "halted" | "trapped";
  readonly trapCode: number;
  /** Of the result record; the fields after it mean something for version 1 only. */
  readonly recordVersion: number;
  readonly exitCode: number;
  readonly artifactSize: bigint;
  readonly artifactSha256: Hex;
}

const statuses = ["unknown", "open", "contradicted", "final"] as const;

/**
 * Reads what is known about a build, as of the newest block that has the confirmations asked for.
 * @throws AssayError `chain/...`
 */
export async function resultOf(chain: AssayChain, buildId: Root): Promise<Result> {
  const { contract, deployment } = chain;
  try {
    const blockTag = Math.max(deployment.deploymentBlock, await confirmedBlock(chain));
    const given = await contract.resultOf(buildId, { blockTag });
    const status = statuses[Number(given.status)]!;
    const refuted = status === "final" ? 0 : await countRefuted(chain, buildId, blockTag);
    if (status !== "final") return { status, buildId, refuted };
    return {
      status,
      buildId,
      refuted,
      finalizedAt: Number(given.finalizedAt),
      ...(await finalClaimOf(chain, buildId, blockTag)),
      end: given.endStatus === 2n ? "halted" : "trapped",
      trapCode: Number(given.trapCode),
      recordVersion: Number(given.recordVersion),
      exitCode: Number(given.exitCode),
      artifactSize: given.artifactSize,
      artifactSha256: given.artifactSha256 as Hex,
    };
  } catch (error) {
    // The connection has seen the contract in the newest block: in the confirmed one it is not there yet.
    if (isError(error, "BAD_DATA") && error.value === "0x") return { status: "unknown", buildId, refuted: 0 };
    throw chainError(error, abis, "read the result");
  }
}

/** The claim through which a build became final: the contract keeps the result only, the event has the claim. */
async function finalClaimOf(
  chain: AssayChain,
  buildId: Root,
  toBlock: number,
): Promise<{ readonly claimId: Root; readonly finalRoot: Root }> {
  const { contract } = chain;
  const topics = await contract.filters.BuildFinalized(buildId).getTopicFilter();
  const [log] = await logsOf(chain, topics, toBlock);
  if (log !== undefined) {
    const { claimId, finalRoot } = contract.interface.parseLog(log)!.args;
    return { claimId: claimId as Root, finalRoot: finalRoot as Root };
  }
  throw new AssayError(
    "chain/bad-answer-fault",
    `the contract says that build ${buildId} is final, but the server has no event of it`,
    { buildId },
  );
}

/** Refuted claims about one build: the events are indexed by it, so that few come back. */
async function countRefuted(chain: AssayChain, buildId: Root, toBlock: number): Promise<number> {
  const topics = await chain.contract.filters.ClaimRefuted(undefined, buildId).getTopicFilter();
  return (await logsOf(chain, topics, toBlock)).length;
}

/** The contract's logs with these topics. */
async function logsOf(
  { provider, deployment }: AssayChain,
  topics: NonNullable<LogFilter["topics"]>,
  toBlock: number,
): Promise<ChainLog[]> {
  const { assay: address, deploymentBlock, logRange: maxRange } = deployment;
  return await readLogs(provider, { address, maxRange, topics }, deploymentBlock, toBlock);
}

/** Whether a final result is a success: the program halted, wrote a record that we can read, and says it succeeded. */
export function succeeded(result: FinalResult): boolean {
  return result.end === "halted" && result.recordVersion === 1 && result.exitCode === 0;
}

/** How long to wait, and what is told meanwhile. */
export interface WaitOptions {
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** Called for every answer that is not final. */
  readonly onAnswer?: (result: Result) => void;
}

/**
 * Asks until the build is final.
 * @throws AssayError `client/timeout`, holding the last answer in `details.result`; `chain/...`
 */
export async function waitFor(chain: AssayChain, buildId: Root, options: WaitOptions): Promise<FinalResult> {
  const deadline = Date.now() + options.timeoutSeconds * 1000;
  for (;;) {
    const result = await resultOf(chain, buildId);
    if (result.status === "final") return result;
    options.onAnswer?.(result);
    if (Date.now() >= deadline || options.signal?.aborted) {
      throw new AssayError(
        "client/timeout",
        `build ${buildId} is not final after ${options.timeoutSeconds} s (it is ${result.status})`,
        { buildId, result },
      );
    }
    await pause(Math.min(chain.provider.limits.pollMilliseconds, Math.max(1, deadline - Date.now())), options.signal);
  }
}
