import type { Policy, Requirement } from "../../../client/policy/policy.ts";

/** A policy as the form has it: keys with a threshold, and chains. What is more than that is edited as text. */
export interface PolicyDraft {
  readonly keys: readonly { readonly name: string; readonly key: string }[];
  readonly least: number;
  readonly chains: readonly { readonly name: string; readonly chainId: string; readonly assay: string }[];
  /** Whether builders and chains must both agree, or one of them is enough. */
  readonly join: "all" | "any";
  readonly from: readonly string[];
}

export const emptyDraft: PolicyDraft = { keys: [], least: 1, chains: [], join: "any", from: [] };

/** The policy of a form, not checked yet. */
export function policyValueOf({ keys, least, chains, join, from }: PolicyDraft): unknown {
  const parts: Requirement[] = [
    ...(keys.length > 0 ? [{ builders: { least, of: keys.map(({ name }) => name) } }] : []),
    ...chains.map(({ name }) => ({ chain: name })),
  ];
  return {
    version: 1,
    keys: Object.fromEntries(keys.map(({ name, key }) => [name, key.trim()])),
    chains: Object.fromEntries(
      chains.map(({ name, chainId, assay }) => [name, { chainId: Number(chainId), assay: assay.trim() }]),
    ),
    require: parts.length === 1 ? parts[0] : join === "all" ? { all: parts } : { any: parts },
    from: from.map((url) => url.trim()).filter((url) => url !== ""),
  };
}

/** The form of a policy; undefined for one that says more than the form can hold. */
export function draftOf(policy: Policy): PolicyDraft | undefined {
  const { keys, chains, evidence, require, from } = policy;
  if (evidence !== undefined && Object.keys(evidence).length > 0) return undefined;
  const join = "all" in require ? "all" : "any";
  const parts = "all" in require ? require.all : "any" in require ? require.any : [require];
  const builders = parts.flatMap((part) => ("builders" in part ? [part.builders] : []));
  const named = parts.flatMap((part) => ("chain" in part ? [part.chain] : []));
  if (builders.length > 1 || builders.length + named.length !== parts.length) return undefined;
  if (builders[0]?.independent) return undefined;
  const names = builders[0]?.of ?? [];
  const isWhole = names.length === Object.keys(keys).length && named.length === Object.keys(chains).length;
  if (!isWhole || new Set(named).size !== named.length) return undefined;
  return {
    keys: names.map((name) => ({ name, key: keys[name]! })),
    least: builders[0]?.least ?? 1,
    chains: named.map((name) => ({ name, chainId: String(chains[name]!.chainId), assay: chains[name]!.assay })),
    join,
    from: [...from],
  };
}
