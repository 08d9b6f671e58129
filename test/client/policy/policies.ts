import { signerOf } from "../../../src/attestation/keys.ts";
import type { Evidence } from "../../../src/client/policy/decide.ts";
import type { Policy, Requirement } from "../../../src/client/policy/policy.ts";
import type { Random } from "../../support/random.ts";

export const builders = ["a", "b", "c", "d", "e"];
/** Keys of two runs of a build, of which one at most is true. */
export const runs = [100, 101].map((number) => signerOf(new Uint8Array(32).fill(number)).keyId);
export const outcomes = ["1".repeat(64), "2".repeat(64), "failed"];

/** A policy over five builders and two chains. */
export function policyWith(require: Requirement): Policy {
  const keys = Object.fromEntries(builders.map((name, i) => [name, signerOf(new Uint8Array(32).fill(i + 1)).keyId]));
  const chain = { chainId: 1, assay: `0x${"11".repeat(20)}` };
  return { version: 1, keys, chains: { main: chain, side: chain }, require, from: [] };
}

export function randomRequirement(random: Random, depth = 3): Requirement {
  const parts = () => Array.from({ length: 1 + random.below(3) }, () => randomRequirement(random, depth - 1));
  const kind = random.below(depth === 0 ? 2 : 5);
  if (kind === 0) {
    const of = builders.filter(() => random.chance(0.6));
    const some = of.length === 0 ? ["a"] : of;
    const least = 1 + random.below(some.length);
    return { builders: { least, of: some, ...(least > 1 && random.chance(0.5) && { independent: true as const }) } };
  }
  if (kind === 1) return { chain: random.pick(["main", "side"]) };
  if (kind === 2) return { all: parts() };
  if (kind === 3) return { any: parts() };
  const of = parts();
  return { least: { count: 1 + random.below(of.length), of } };
}

export function randomEvidence(random: Random): Evidence {
  const said = new Map<string, Set<string>>();
  for (const name of builders) {
    const count = random.below(3);
    if (count > 0) said.set(name, new Set(Array.from({ length: count }, () => random.pick(outcomes))));
  }
  const chains = new Map(
    ["main", "side"].filter(() => random.chance(0.5)).map((name) => [name, random.pick(outcomes)]),
  );
  const shown = new Map(
    [...said.keys()]
      .filter(() => random.chance(0.7))
      .map((name) => [name, { keys: new Set(runs.filter(() => random.chance(0.4))), isCopied: random.chance(0.2) }]),
  );
  return { builders: said, chains, shown };
}
