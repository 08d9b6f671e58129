import { z } from "zod";
import { checkValue } from "../../core/json.ts";
import { malformed } from "../errors.ts";
import { mostSubjects } from "../limits.ts";
import {
  type DigestSet,
  digestSet,
  type Subject,
  statementPayloadType,
  statementSchemaOf,
  statementType,
} from "../statement.ts";
import { parseStrictJson } from "../strictJson.ts";
import type { OthersAttestation } from "./attestation.ts";

/** What attestations of others can be evidence of. */
export const evidenceKinds = ["provenance", "oss-rebuild", "rebuilderd"] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** What an attestation says. */
export interface OthersClaim {
  /**
   * `provenance`: a build platform has built it (SLSA provenance, as npm and GitHub give it). `oss-rebuild`: it is, but for details that
   * its makers call harmless, what a rebuild gave (ArtifactEquivalence). `rebuilderd`: a rebuild gave it, bit by bit. Undefined:
   * something else, which is evidence of nothing here.
   */
  readonly kind: EvidenceKind | undefined;
  readonly predicateType: string;
  readonly subject: readonly Subject[];
}

export const equivalenceType = "https://docs.oss-rebuild.dev/builds/ArtifactEquivalence@v0.1";
const provenanceTypes = ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"];

/** As of this program's own statements (`statement.ts`), and of the version before, which npm still writes. */
const statementSchema = statementSchemaOf([statementType, "https://in-toto.io/Statement/v0.1"]);
const equivalenceSchema = z.object({
  buildDefinition: z.object({
    externalParameters: z.object({ candidate: z.string(), target: z.string() }),
    resolvedDependencies: z.array(z.object({ name: z.string(), digest: digestSet })).max(64),
  }),
});
const linkSchema = z.object({
  name: z.string().max(4096),
  products: z
    .record(z.string().max(4096), digestSet)
    .refine((all) => Object.keys(all).length <= mostSubjects, "are too many"),
});

/**
 * What an attestation says, from the bytes that were signed. Check who signed them first.
 * @throws AssayError `attestation/malformed`, also where it contradicts itself.
 */
export function claimIn({ form, envelope, link }: OthersAttestation): OthersClaim {
  if (form === "link" || envelope === undefined) return claimOfLink(link);
  const refuse = (why: string, cause?: unknown) => malformed("statement", why, cause);
  if (envelope.payloadType !== statementPayloadType)
    throw refuse(`its payload type is ${JSON.stringify(envelope.payloadType)}`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(envelope.payload);
  } catch (cause) {
    throw refuse("it is not UTF-8", cause);
  }
  const { subject, predicateType, predicate } = checkValue(parseStrictJson(text, "statement"), statementSchema, refuse);
  const { buildType } =
    ((predicate ?? {}) as { readonly buildDefinition?: { readonly buildType?: unknown } }).buildDefinition ?? {};
  const isProvenance = provenanceTypes.includes(predicateType);
  if (isProvenance && buildType === equivalenceType) {
    checkEquivalence(subject, checkValue(predicate, equivalenceSchema, refuse));
    return { kind: "oss-rebuild", predicateType: equivalenceType, subject };
  }
  // Of oss-rebuild's others, and this program's own builds, nothing is known here.
  const isOther = typeof buildType === "string" && /^(https:\/\/docs\.oss-rebuild\.dev\/|urn:assay:)/.test(buildType);
  return { kind: isProvenance && !isOther ? "provenance" : undefined, predicateType, subject };
}

/** Its subject is the artifact that was published (`target`), not the one that was built. */
function checkEquivalence(subject: readonly Subject[], { buildDefinition }: z.output<typeof equivalenceSchema>): void {
  const { externalParameters, resolvedDependencies } = buildDefinition;
  const targets = resolvedDependencies.filter(({ name }) => name === externalParameters.target);
  const [only] = subject;
  if (subject.length !== 1 || targets.length !== 1 || !isSame(only!.digest, targets[0]!.digest))
    throw malformed("statement", "its subject is not the target that it compares");
}

function isSame(a: DigestSet, b: DigestSet): boolean {
  const shared = Object.keys(a).filter((algorithm) => Object.hasOwn(b, algorithm));
  return shared.length > 0 && shared.every((algorithm) => a[algorithm] === b[algorithm]);
}

function claimOfLink(link: unknown): OthersClaim {
  const { name, products } = checkValue(link, linkSchema, (why, cause) => malformed("link", why, cause));
  const subject = Object.entries(products).map(([product, digest]) => ({ name: product, digest }));
  const kind = name.startsWith("rebuild ") ? "rebuilderd" : undefined;
  return { kind, predicateType: "https://in-toto.io/Link", subject };
}

/** Digests of one file. */
export interface FileDigests {
  readonly sha256: string;
  readonly sha512?: string | undefined;
}

/**
 * Whether a claim is about the file that has these digests: one subject has one of them, and none that says otherwise. Names do not
 * count.
 */
export function isAboutFile({ subject }: OthersClaim, digests: FileDigests): boolean {
  const own: DigestSet = { sha256: digests.sha256, ...(digests.sha512 !== undefined && { sha512: digests.sha512 }) };
  return subject.some(({ digest }) => isSame(own, digest));
}
