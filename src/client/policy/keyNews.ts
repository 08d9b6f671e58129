import { isInForce, type KeyStatement, type Revocation } from "../../attestation/keyStatement.ts";
import type { KeyId } from "../../attestation/keys.ts";

/** What its owner has said of a policy's key. */
export interface KeyNews {
  /** The policy's name for it. */
  readonly name: string;
  readonly key: KeyId;
  /** The revocation that comes first. */
  readonly revocation?: Revocation | undefined;
  /** Whether it is in force: then nothing counts that the key has signed. */
  readonly isRevoked: boolean;
  /** Keys that are to take its place. Nobody follows them but who changes the policy. */
  readonly announced: readonly KeyId[];
}

/** @param now seconds since 1970. @returns undefined if nothing was said. */
export function newsOf(name: string, key: KeyId, said: readonly KeyStatement[], now: number): KeyNews | undefined {
  const revocations = said.filter((each) => each.kind === "revocation");
  const [revocation] = revocations.sort((a, b) => startOf(a) - startOf(b));
  const announced = new Set(said.filter((each) => each.kind === "rotation").map(({ newKey }) => newKey));
  if (revocation === undefined && announced.size === 0) return undefined;
  const isRevoked = revocation !== undefined && isInForce(revocation, now);
  return { name, key, revocation, isRevoked, announced: [...announced] };
}

function startOf(revocation: Revocation): number {
  return isInForce(revocation, Number.NEGATIVE_INFINITY) ? Number.NEGATIVE_INFINITY : revocation.from;
}
