import type { AskFault } from "../client/policy/ask.ts";
import { type BuildOutcome, failed } from "../client/policy/decide.ts";
import type { Policy } from "../client/policy/policy.ts";
import { resultOf, succeeded } from "../client/results.ts";
import type { Root } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { readConfig } from "./config.ts";
import { connectTo } from "./session.ts";

/** What the chains of a policy say. */
export interface PolicyChains {
  readonly finalOn?: ((chain: string, buildId: Root) => Promise<BuildOutcome | undefined>) | undefined;
  readonly faults: readonly AskFault[];
  close(): void;
}

/**
 * The chain of the configuration, if it is one that the policy asks.
 * @param wanted the chains that the policy asks. @param file the configuration.
 */
export async function openPolicyChains(
  policy: Policy,
  wanted: readonly string[],
  file: string | undefined,
): Promise<PolicyChains> {
  const config = await readConfig(file, process.env);
  const isMeant = (name: string) => {
    const { chainId, assay } = policy.chains[name]!;
    return chainId === config.chainId && assay.toLowerCase() === config.assay.toLowerCase();
  };
  try {
    const chain = await connectTo(config);
    const finalOn = async (name: string, buildId: Root): Promise<BuildOutcome | undefined> => {
      if (!isMeant(name)) {
        const message = `the configuration is of chain ${config.chainId}, contract ${config.assay}`;
        throw new AssayError("cli/bad-argument", message);
      }
      const result = await resultOf(chain, buildId);
      if (result.status !== "final") return undefined;
      return succeeded(result) ? result.artifactSha256.slice(2) : failed;
    };
    return { finalOn, faults: [], close: () => chain.close() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { faults: wanted.map((who) => ({ who, why })), close() {} };
  }
}
