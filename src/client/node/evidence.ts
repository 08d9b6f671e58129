import type { OthersBundle } from "../../attestation/others/attestation.ts";
import { claimIn, type FileDigests, isAboutFile, type OthersClaim } from "../../attestation/others/claim.ts";
import { type OthersKey, readPublicKey } from "../../attestation/others/node/publicKey.ts";
import { openSigstore } from "../../attestation/others/node/sigstore.ts";
import { readable } from "../../attestation/readable.ts";
import { SignatureAllowance } from "../../attestation/signatureAllowance.ts";
import { type EvidenceRule, namesIn, type Policy } from "../policy/policy.ts";

/** Which of a policy's kinds of evidence there is about a file. */
export interface Evidence {
  about(digests: FileDigests): ReadonlySet<string>;
  /** Whether there were more signatures than are tried. */
  readonly isCutOff: boolean;
}

/**
 * Checks others' attestations under a policy: what counts is signed with the key, or under the root, of a rule, and is of the rule's
 * kind. Everything else is passed over.
 * @throws AssayError `attestation/bad-public-key`, `attestation/no-sigstore`
 */
export async function openEvidence(policy: Policy, bundles: readonly OthersBundle[]): Promise<Evidence> {
  const found: { readonly name: string; readonly claim: OthersClaim }[] = [];
  const allowance = new SignatureAllowance();
  for (const name of namesIn(policy.require).evidence) {
    const rule = policy.evidence![name]!;
    // Those are checked by programs (`proofs.ts`).
    if (rule.kind === "proof") continue;
    const signer = await openSigner(rule);
    for (const attestation of bundles.flatMap(({ attestations }) => attestations)) {
      const claim = signer.hasSigned(attestation, allowance) ? readable(() => claimIn(attestation)) : undefined;
      if (claim?.kind === rule.kind) found.push({ name, claim });
    }
  }
  return {
    about: (digests) => new Set(found.filter(({ claim }) => isAboutFile(claim, digests)).map(({ name }) => name)),
    isCutOff: allowance.isExceeded,
  };
}

export async function openSigner(rule: Pick<EvidenceRule, "key" | "root" | "identity" | "issuer">): Promise<OthersKey> {
  if (rule.key !== undefined) return await readPublicKey(rule.key);
  return await openSigstore({ root: rule.root!, identity: rule.identity!, issuer: rule.issuer! });
}
