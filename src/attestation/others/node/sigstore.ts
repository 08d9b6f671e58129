import { readFile, stat } from "node:fs/promises";
import { AssayError } from "../../../core/errors.ts";
import { parseStrictJson } from "../../strictJson.ts";
import type { OthersKey } from "./publicKey.ts";

/** Whose certificates count. */
export interface SigstoreSigner {
  /** File with the certificate authorities and logs that are trusted: `trusted_root.json`, as sigstore and GitHub give it out. */
  readonly root: string;
  /**
   * Whom the certificate is for, to the letter: with npm and GitHub the workflow,
   * `https://github.com/<owner>/<repository>/.github/workflows/<file>@<ref>`. A star at the end, behind the `@`, stands for the rest of the ref.
   */
  readonly identity: string;
  /** Who says so, to the letter: `https://token.actions.githubusercontent.com` for GitHub. */
  readonly issuer: string;
}

const mostBytes = 2 ** 20;

/**
 * Signatures by a certificate of such a signer, with a time and an entry in a log that the root trusts. Nothing is fetched. The
 * verifier is sigstore's own, an optional dependency that is loaded here.
 * @throws AssayError `attestation/no-sigstore`
 */
export async function openSigstore({ root: file, identity, issuer }: SigstoreSigner): Promise<OthersKey> {
  const refuse = (why: string, cause?: unknown) =>
    new AssayError("attestation/no-sigstore", `${file}: ${why}`, { file }, { cause });
  const { bundleFromJSON, toSignedEntity, toTrustMaterial, TrustedRoot, Verifier } = await loadVerifier();
  let material: ReturnType<typeof toTrustMaterial>;
  try {
    if ((await stat(file)).size > mostBytes) throw refuse("it is too large for a trusted root");
    material = toTrustMaterial(TrustedRoot.fromJSON(parseStrictJson(await readFile(file, "utf8"), "trusted root")));
  } catch (cause) {
    throw cause instanceof AssayError && cause.code === "attestation/no-sigstore"
      ? cause
      : refuse("it is not a trusted root of sigstore (trusted_root.json)", cause);
  }
  const verifier = new Verifier(material, { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 });
  return {
    name: identity,
    hasSigned({ bundle, envelope }, allowance) {
      // A certificate's signature costs several: of its authorities, its logs, the entry.
      if (bundle === undefined || envelope === undefined) return false;
      if (!allowance.take(8 * envelope.payload.length)) return false;
      try {
        const read = bundleFromJSON(bundle);
        // What its reader takes for the payload must be what is read of it here.
        if (read.content.$case !== "dsseEnvelope" || !read.content.dsseEnvelope.payload.equals(envelope.payload))
          return false;
        const { identity: signer } = verifier.verify(toSignedEntity(read));
        return (
          signer?.extensions?.issuer === issuer &&
          signer.subjectAlternativeName !== undefined &&
          isMeant(identity, signer.subjectAlternativeName)
        );
      } catch {
        return false;
      }
    },
  };
}

/** Compared here, since sigstore's verifier takes an identity for a regular expression that may match anywhere. */
function isMeant(identity: string, signer: string): boolean {
  return /@[^@*]*\*$/.test(identity) ? signer.startsWith(identity.slice(0, -1)) : signer === identity;
}

async function loadVerifier() {
  try {
    const [{ bundleFromJSON }, { toSignedEntity, toTrustMaterial, Verifier }, { TrustedRoot }] = await Promise.all([
      import("@sigstore/bundle"),
      import("@sigstore/verify"),
      import("@sigstore/protobuf-specs"),
    ]);
    return { bundleFromJSON, toSignedEntity, toTrustMaterial, TrustedRoot, Verifier };
  } catch (cause) {
    const message =
      "sigstore's verifier is not installed: install this package again without --omit=optional, or it beside it (npm install @sigstore/verify@3 @sigstore/bundle@4)";
    throw new AssayError("attestation/no-sigstore", message, {}, { cause });
  }
}
