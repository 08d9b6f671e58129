import { type Command, InvalidArgumentError } from "commander";
import { buildIn, isBuildStatement } from "../../attestation/buildResult.ts";
import { signersOf } from "../../attestation/dsse.ts";
import { isProofFor } from "../../attestation/execution.ts";
import { type KeyId, parseKeyId } from "../../attestation/keys.ts";
import type { OthersAttestation } from "../../attestation/others/attestation.ts";
import { claimIn, isAboutFile, type OthersClaim } from "../../attestation/others/claim.ts";
import { keyOfId, type OthersKey, readPublicKey } from "../../attestation/others/node/publicKey.ts";
import { openSigstore } from "../../attestation/others/node/sigstore.ts";
import { readable } from "../../attestation/readable.ts";
import { SignatureAllowance } from "../../attestation/signatureAllowance.ts";
import { statementIn } from "../../attestation/statement.ts";
import { type TestVerdict, testIn, testResultType } from "../../attestation/testResult.ts";
import { AssayError } from "../../core/errors.ts";
import { exitStatus } from "../exitStatus.ts";
import { hashesOfFile } from "../fileDigest.ts";
import { readOthersFile } from "../othersFile.ts";
import { createOutput, table } from "../output.ts";

interface Options {
  readonly artifact?: string;
  readonly key: readonly KeyId[];
  readonly publicKey: readonly string[];
  readonly trustedRoot?: string;
  readonly identity?: string;
  readonly issuer?: string;
  readonly json: boolean;
}

export function addVerify(attest: Command): void {
  attest
    .command("verify")
    .description("check who has signed the statements of a bundle, and whether they are about an artifact")
    .argument(
      "<bundle>",
      "envelopes or links, one a line (.intoto.jsonl), a sigstore bundle, or npm's or GitHub's answer",
    )
    .option("--key <did>", "public key as did:key:z6Mk...; repeatable", collectKey, [])
    .option(
      "--public-key <file>",
      "public key in PEM, of a signer in others' forms (oss-rebuild, rebuilderd); repeatable",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option(
      "--trusted-root <file>",
      "trusted_root.json of sigstore or GitHub, for certificates; needs --identity and --issuer",
    )
    .option(
      "--identity <uri>",
      "whom the certificate is for: https://github.com/…/release.yml@refs/tags/* (a star at the end only)",
    )
    .option("--issuer <url>", "who says so: https://token.actions.githubusercontent.com")
    .option("--artifact <file>", "they must be about this file")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Statements that none of the keys has signed do not count, and neither do those about something else. Nothing is fetched.

Exit status: 0 there is a statement, signed by one of the keys, about the artifact; 5 there is none.

Examples:
  assay attest verify project.intoto.jsonl --key did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp --artifact project.tar.gz
  assay attest verify rebuild.intoto.jsonl --public-key oss-rebuild.pem --artifact absl_py-2.0.0-py3-none-any.whl
  assay attest verify npm.json --trusted-root trusted_root.json --issuer https://token.actions.githubusercontent.com --identity 'https://github.com/owner/project/.github/workflows/release.yml@refs/tags/*' --artifact project-1.0.0.tgz`,
    )
    .action(verify);
}

function collectKey(text: string, before: readonly KeyId[]): readonly KeyId[] {
  try {
    return [...before, parseKeyId(text)];
  } catch {
    throw new InvalidArgumentError("expected the did:key of an Ed25519 key (did:key:z6Mk...)");
  }
}

async function signersFor({ key, publicKey, trustedRoot: root, identity, issuer }: Options): Promise<OthersKey[]> {
  const parts = [root, identity, issuer].filter((each) => each !== undefined).length;
  if (parts !== 0 && parts !== 3) throw badArgument("--trusted-root, --identity and --issuer belong together");
  const signers = [...key.map(keyOfId), ...(await Promise.all(publicKey.map(readPublicKey)))];
  if (parts === 3) signers.push(await openSigstore({ root: root!, identity: identity!, issuer: issuer! }));
  if (signers.length === 0) throw badArgument("name whose signatures count: --key, --public-key or --trusted-root");
  return signers;
}

async function verify(file: string, options: Options): Promise<void> {
  const output = createOutput(options.json);
  const keys = await signersFor(options);
  const { attestations, refused } = await readOthersFile(file);
  const digests = options.artifact === undefined ? undefined : await hashesOfFile(options.artifact);
  const allowance = new SignatureAllowance();
  const found = attestations.flatMap((attestation) => {
    const signers = namesOf(attestation, keys, options.key, allowance);
    const claim = signers.length === 0 ? undefined : readable(() => claimIn(attestation));
    if (claim === undefined || (digests !== undefined && !isAboutFile(claim, digests))) return [];
    return [{ signers, ...claim, ...ownIn(attestation) }];
  });
  if (allowance.isExceeded) {
    const { checks, bytes } = allowance.limits;
    const message = `${file} has more signatures than are checked (${checks}, of ${bytes} bytes): look at a part of it`;
    throw new AssayError("attestation/too-many-signatures", message, { checks, bytes });
  }
  const facts = { found, envelopes: attestations.length, unknownLines: refused.length, refused: refused.slice(0, 16) };
  output.data(facts, () => [
    ...found.flatMap((each) => [...table(rowsOf(each)), ""]),
    ...refused.slice(0, 16).map((why) => `not read: ${why}`),
    found.length > 0 ? "verified." : `none of ${attestations.length} envelopes is signed by these keys and about it.`,
  ]);
  if (found.length === 0) process.exitCode = exitStatus.mismatch;
}

/** Whose hints are did:keys costs one check each, as elsewhere. */
function namesOf(
  attestation: OthersAttestation,
  keys: readonly OthersKey[],
  own: readonly KeyId[],
  allowance: SignatureAllowance,
): string[] {
  const { envelope } = attestation;
  const ofEnvelope = envelope === undefined ? [] : signersOf(envelope, own, allowance);
  const others = envelope === undefined ? keys : keys.slice(own.length);
  return [
    ...new Set([
      ...ofEnvelope,
      ...others.filter((key) => key.hasSigned(attestation, allowance)).map(({ name }) => name),
    ]),
  ];
}

/** What is this program's own in it. */
function ownIn({ envelope }: OthersAttestation) {
  const statement = envelope && readable(() => statementIn(envelope));
  if (statement === undefined) return {};
  return {
    result: isBuildStatement(statement) ? readable(() => buildIn(statement)) : undefined,
    tests: statement.predicateType === testResultType ? readable(() => testIn(statement)) : undefined,
  };
}

function rowsOf({
  signers,
  kind,
  predicateType,
  subject,
  result,
  tests,
}: OthersClaim & { signers: string[] } & ReturnType<typeof ownIn>) {
  const execution = result?.execution;
  const by = signers.filter((key) => execution !== undefined && isProofFor(key as KeyId, result!, execution));
  const provers = by.join(", ") || "none of those who have signed it";
  const about = subject.map(({ name, digest }) => `${name} ${Object.values(digest).join(" ")}`).join("; ");
  return [
    ["signed by", signers.join(", ")],
    ["says", predicateType],
    ...(kind === undefined ? [] : [["evidence", kind]]),
    ["of", about],
    ...(result === undefined ? [] : [["build", result.buildId]]),
    ...(result?.execution === undefined ? [] : [["run shown", `${result.execution.key}, by ${provers}`]]),
    ...(tests === undefined ? [] : [["tests", wordsOf(tests)]]),
  ] as [string, string][];
}

function wordsOf({ result, counts: { passed, failed, skipped } }: TestVerdict): string {
  return `${result}: ${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function badArgument(message: string) {
  return new AssayError("cli/bad-argument", message);
}
