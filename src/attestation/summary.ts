import { z } from "zod";
import type { Root } from "../core/bytes.ts";
import { checkValue } from "../core/json.ts";
import { malformed } from "./errors.ts";
import { type Statement, statementOf } from "./statement.ts";

/** SLSA's verification summary (VSA): somebody has checked an artifact under a policy, and says what has come of it. */
export const summaryType = "https://slsa.dev/verification_summary/v1";
/** The version of SLSA whose levels are meant. */
const slsaVersion = "1.2";
/** The field in it that says of which build the artifact is. */
const extension = "urn:assay:summary:v1";

/** What a summary here can say of an artifact. Names of SLSA's own begin with `SLSA_`, others must not. */
export const levels = {
  /** As many builders as the verifier's policy asks for, two at least, have built it independently. */
  reproduced: "SLSA_BUILD_REPRODUCED",
  /** A claim of it is final on a chain that the verifier's policy names. */
  final: "ASSAY_CLAIM_FINAL",
} as const;

export interface Summary {
  readonly artifact: { readonly name: string; readonly sha256: string };
  readonly buildId: Root;
  /** Where the source is. */
  readonly resourceUri: string;
  /** Who has verified: a `did:key`, or a contract on a chain as `eip155:<chain id>:<address>`. The signature says who tells it. */
  readonly verifier: string;
  /** Seconds since 1970. */
  readonly verifiedAt: number;
  /** sha256 of the policy's file. */
  readonly policySha256: string;
  /** sha256 of the statements that it rests on. */
  readonly inputs: readonly string[];
  readonly levels: readonly string[];
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "is not a sha256");
const digest = z.object({ sha256 });
const schema = z.object({
  verifier: z.object({ id: z.string().min(1).max(300) }),
  timeVerified: z.iso.datetime().transform((text) => Date.parse(text) / 1000),
  resourceUri: z.string().max(4096),
  policy: z.object({ digest }),
  inputAttestations: z.array(z.object({ digest })).max(1024).default([]),
  verificationResult: z.literal("PASSED"),
  verifiedLevels: z.array(z.string().regex(/^[A-Z][A-Z0-9_]{0,99}$/, "is not the name of a level")).max(64),
  [extension]: z.object({
    buildId: z
      .string()
      .regex(/^0x[0-9a-f]{64}$/, "is not a root")
      .transform((text) => text as Root),
  }),
});

export function statementOfSummary(summary: Summary): Statement {
  const { artifact, buildId, resourceUri, verifier, verifiedAt, policySha256, inputs } = summary;
  return statementOf([{ name: artifact.name, digest: { sha256: artifact.sha256 } }], summaryType, {
    verifier: { id: verifier },
    timeVerified: new Date(Math.floor(verifiedAt) * 1000).toISOString().replace(".000Z", "Z"),
    resourceUri,
    policy: { uri: `urn:assay:policy:${policySha256}`, digest: { sha256: policySha256 } },
    inputAttestations: inputs.map((each) => ({ uri: `urn:assay:statement:${each}`, digest: { sha256: each } })),
    verificationResult: "PASSED",
    verifiedLevels: summary.levels,
    slsaVersion,
    [extension]: { buildId },
  });
}

/**
 * The summary that a statement tells: one that something has passed, of a build of this machine.
 * @throws AssayError `attestation/malformed` for any other.
 */
export function summaryIn(statement: Statement): Summary {
  const refuse = (why: string, cause?: unknown) => malformed("summary's statement", why, cause);
  if (statement.predicateType !== summaryType) throw refuse(`its type is ${JSON.stringify(statement.predicateType)}`);
  const [subject] = statement.subject;
  if (statement.subject.length !== 1) throw refuse("it has more than one subject");
  const told = checkValue(statement.predicate, schema, refuse);
  return {
    artifact: { name: subject!.name, sha256: checkValue(subject!.digest.sha256, sha256, refuse) },
    buildId: told[extension].buildId,
    resourceUri: told.resourceUri,
    verifier: told.verifier.id,
    verifiedAt: told.timeVerified,
    policySha256: told.policy.digest.sha256,
    inputs: told.inputAttestations.map((each) => each.digest.sha256),
    levels: told.verifiedLevels,
  };
}

/** A contract on a chain, as the URI of who verifies (CAIP-10). @param address in hexadecimal. */
export function contractUri(chainId: number, address: string): string {
  return `eip155:${chainId}:${address.toLowerCase()}`;
}
