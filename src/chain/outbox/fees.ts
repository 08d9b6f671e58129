import type { Provider } from "ethers";
import { AssayError } from "../../core/errors.ts";
import type { FeePolicy } from "./call.ts";

/** What a transaction offers, in wei per gas. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/**
 * Fees that get a transaction mined soon, within the policy.
 * @throws AssayError `chain/fee-cap` when the newest block's base fee leaves no room under the cap
 */
export async function currentFees(provider: Provider, policy: FeePolicy, action: string): Promise<Fees> {
  const block = await provider.getBlock("latest");
  const base = block?.baseFeePerGas ?? 0n;
  const priority = min(policy.maxPriorityFeePerGas, policy.maxFeePerGas);
  if (base + priority > policy.maxFeePerGas) {
    throw new AssayError(
      "chain/fee-cap",
      `cannot ${action}: a base fee of ${base} wei is above the cap of ${policy.maxFeePerGas}; raise the cap or wait`,
      { given: base, cap: policy.maxFeePerGas, action },
    );
  }
  return { maxFeePerGas: min(2n * base + priority, policy.maxFeePerGas), maxPriorityFeePerGas: priority };
}

/** Fees that replace a transaction (at least an eighth more in both), or undefined when the cap forbids it. */
export function raise(current: Fees, policy: FeePolicy): Fees | undefined {
  const more = (value: bigint) => value + value / 8n + 1n;
  const maxFeePerGas = more(current.maxFeePerGas);
  const maxPriorityFeePerGas = more(current.maxPriorityFeePerGas);
  if (maxFeePerGas > policy.maxFeePerGas) return undefined;
  return { maxFeePerGas, maxPriorityFeePerGas };
}

/** The higher of both in each fee: a replacement that the base fee has overtaken would be stuck again. */
export function higher(a: Fees, b: Fees): Fees {
  return {
    maxFeePerGas: max(a.maxFeePerGas, b.maxFeePerGas),
    maxPriorityFeePerGas: max(a.maxPriorityFeePerGas, b.maxPriorityFeePerGas),
  };
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
