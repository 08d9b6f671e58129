import { basename } from "node:path";
import type { Topic } from "../attestation/board.ts";
import { formatBundle } from "../attestation/bundle.ts";
import type { KeyId } from "../attestation/keys.ts";
import { attestationFolder } from "../attestation/node/attestationFolder.ts";
import { openSigningKey } from "../attestation/node/signingKey.ts";
import { signStatement } from "../attestation/statement.ts";
import { contractUri, statementOfSummary } from "../attestation/summary.ts";
import { readPassword } from "../chain/node/keys.ts";
import type { Verdict } from "../client/policy/ask.ts";
import { failed } from "../client/policy/decide.ts";
import type { BuildAnswer } from "../client/policy/evidence.ts";
import type { Policy } from "../client/policy/policy.ts";
import { type Grounds, groundsOf } from "../client/policy/summaries.ts";
import { AssayError } from "../core/errors.ts";
import { checkOutputFile, writeOutputFile } from "../store/node/outputFile.ts";
import { sha256OfFile } from "./fileDigest.ts";

/** Options of a command that signs what it has verified. */
export interface SummaryOptions {
  /** The key's file; nothing is signed where it is missing. */
  readonly attest?: string;
  readonly passwordFile?: string;
  readonly publish?: string;
  readonly bundle?: string;
}

/** What was signed of a verdict. */
export interface SignedVerdict {
  readonly key: KeyId;
  readonly levels: readonly string[];
}

/** Signs a verdict. Opened before anything is asked, so that a wrong password is known at once. */
export interface SummarySigner {
  /** @returns what was signed; undefined if the verdict gives nothing to sign. */
  sign(verdict: Verdict, artifact: string | undefined): Promise<SignedVerdict | undefined>;
}

/** @throws AssayError `cli/bad-argument`, `attestation/wrong-password` */
export async function openSummarySigner(
  { attest, passwordFile, publish, bundle }: SummaryOptions,
  policy: Policy,
  policyFile: string,
): Promise<SummarySigner | undefined> {
  if (attest === undefined) {
    if ((publish ?? bundle) === undefined) return undefined;
    throw new AssayError("cli/bad-argument", "--publish and --bundle need a key that signs: --attest <file>");
  }
  if ((publish ?? bundle) === undefined) {
    const message = "name where the summary goes: --publish <folder> or --bundle <file>";
    throw new AssayError("cli/bad-argument", message);
  }
  if (bundle !== undefined) await checkOutputFile(bundle);
  const signer = await openSigningKey(attest, await readPassword({ keystore: attest, passwordFile }, process.env));
  const policySha256 = await sha256OfFile(policyFile);
  return {
    async sign({ decision, answers: [answer] }, artifact) {
      if (decision !== "accepted" || answer?.outcome === undefined || answer.outcome === failed) return undefined;
      const grounds = groundsOf(policy, answer);
      const { buildId } = answer;
      if (grounds.length === 0 || buildId === undefined) return undefined;
      const result = answer.results[0]?.result;
      const statements = grounds.map((ground) =>
        statementOfSummary({
          artifact: {
            name: result?.artifact?.name ?? (artifact === undefined ? "" : basename(artifact)),
            sha256: answer.outcome!,
          },
          buildId,
          resourceUri: result?.source.uri ?? `urn:assay:build:${buildId}`,
          verifier: verifierOf(policy, ground, signer.keyId),
          verifiedAt: Date.now() / 1000,
          policySha256,
          inputs: inputsOf(answer, ground),
          levels: [ground.level],
        }),
      );
      const signed = await Promise.all(statements.map(async (statement) => await signStatement(signer, statement)));
      const topics: Topic[] = [
        { algorithm: "sha256", digest: answer.outcome },
        { algorithm: "build", digest: buildId.slice(2) },
      ];
      if (publish !== undefined) for (const envelope of signed) await attestationFolder(publish).add(envelope, topics);
      if (bundle !== undefined) await writeOutputFile(bundle, formatBundle(signed));
      return { key: signer.keyId, levels: grounds.map(({ level }) => level) };
    },
  };
}

/** The contract is who has verified a final claim; everything else the signer has. */
function verifierOf({ chains }: Policy, { chain }: Grounds, signer: KeyId): string {
  if (chain === undefined) return signer;
  const { chainId, assay } = chains[chain]!;
  return contractUri(chainId, assay);
}

/** The statements of those who agree, by their sha256. */
function inputsOf({ results }: BuildAnswer, { names, chain }: Grounds): string[] {
  if (chain !== undefined) return [];
  const agreeing = results.filter(({ builders }) => builders.some((name) => names.includes(name)));
  return [...new Set(agreeing.map(({ statementId }) => statementId.slice("sha256:".length)))].sort();
}
